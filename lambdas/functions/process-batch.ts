import { RegistryTarget } from '../entities/registry.ts';
import { batchMessageSchema } from '../model/batch-message.ts';
import { requireProcess } from '../processes/registry.ts';
import { eachMessage } from '../runtime/each-message.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { queueHandler } from '../runtime/queue-handler.ts';
import { processBatch } from '../steps/process-batch.ts';
import { openBucket, openControl, openQueue, openRegistry, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('process-batch');
const stores = { ...openControl(environment), ...openTracking(environment), ...openBucket(environment) };
const { queue } = openQueue(environment);
const target = new RegistryTarget(openRegistry(environment));

/** The batch queue: rows become entities. */
export const handler = queueHandler(
  'process-batch',
  batchMessageSchema,
  (messages) =>
    eachMessage('process-batch', messages, ({ receiveCount, sentAt, body }) =>
      processBatch(stores, body, {
        process: requireProcess(body.processName),
        target,
        receiveCount,
        sentAt,
        deliveries: environment.BATCH_DELIVERIES,
      }),
    ),
  async (delayed) => {
    await Promise.all(delayed.map(({ receiptHandle, delaySeconds }) => queue.delay(receiptHandle, delaySeconds)));
  },
);
