import { AccountEntitiesTarget } from '../entities/account-entities.ts';
import { RegistryTarget } from '../entities/registry.ts';
import { batchMessageSchema } from '../model/batch-message.ts';
import { requireProcess } from '../processes/registry.ts';
import { eachMessage } from '../runtime/each-message.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { ProcessMetrics } from '../runtime/process-metrics.ts';
import { queueHandler } from '../runtime/queue-handler.ts';
import { processBatch } from '../steps/process-batch.ts';
import { openBucket, openControl, openJournal, openQueue, openRegistry, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('process-batch');
const stores = { ...openControl(environment), ...openTracking(environment), ...openBucket(environment) };
const { queue } = openQueue(environment);
const { entities, ...registry } = openRegistry(environment);
const created = new RegistryTarget(registry);
const changing = new AccountEntitiesTarget({ entities, ...openJournal(environment) });

const metrics = new ProcessMetrics('process-batch', environment.METRICS_BY_ACCOUNT);

/** The batch queue: rows become entities. */
export const handler = queueHandler(
  'process-batch',
  batchMessageSchema,
  (messages) =>
    metrics.around(() =>
      eachMessage('process-batch', messages, async ({ receiveCount, sentAt, body }) => {
        const process = requireProcess(body.processName);
        const outcome = await processBatch(stores, body, {
          process,
          target: process.entityKeys ? changing : created,
          receiveCount,
          sentAt,
          deliveries: environment.BATCH_DELIVERIES,
        });
        metrics.addBatch(body, outcome, receiveCount);
        return outcome;
      }),
    ),
  async (delayed) => {
    await Promise.all(delayed.map(({ receiptHandle, delaySeconds }) => queue.delay(receiptHandle, delaySeconds)));
  },
);
