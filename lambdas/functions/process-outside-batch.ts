import { outsideEntityTargets } from '../entities/targets.ts';
import { batchMessageSchema } from '../model/batch-message.ts';
import { requireProcess } from '../processes/registry.ts';
import { eachMessage } from '../runtime/each-message.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { ProcessMetrics } from '../runtime/process-metrics.ts';
import { queueHandler } from '../runtime/queue-handler.ts';
import { readServicesFile } from '../runtime/services-file.ts';
import { processOutsideBatch } from '../steps/process-outside-batch.ts';
import { openBucket, openControl, openQueues, openSecrets, openTracking } from '../store/open-stores.ts';

/** Time to write down what became of the rows after the last call. */
const closingMs = 5_000;

const environment = readEnvironment('process-outside-batch');
const stores = { ...openControl(environment), ...openTracking(environment), ...openBucket(environment) };
const { queues } = openQueues(environment);
const targetOf = outsideEntityTargets({ services: readServicesFile(), places: stores.places, ...openSecrets() });

const metrics = new ProcessMetrics('process-outside-batch', environment.METRICS_BY_ACCOUNT);

/** The batch queues of services outside, one a service: rows become entities there. */
export const handler = queueHandler('process-outside-batch', batchMessageSchema, (messages, { remainingMs }) => {
  const signal = AbortSignal.timeout(Math.max(1, remainingMs() - closingMs));
  return metrics.around(() =>
    eachMessage('process-outside-batch', messages, async ({ receiptHandle, receiveCount, sentAt, body }) => {
      const outcome = await processOutsideBatch(
        { ...stores, queue: queues.of(body.processName) },
        { message: body, receiptHandle },
        {
          process: requireProcess(body.processName),
          target: targetOf(body.processName),
          receiveCount,
          sentAt,
          deliveries: environment.BATCH_DELIVERIES,
          signal,
        },
      );
      metrics.addBatch(body, outcome, receiveCount);
      return outcome;
    }),
  );
});
