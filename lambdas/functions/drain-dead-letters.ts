import { batchMessageSchema } from '../model/batch-message.ts';
import { requireProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { ProcessMetrics } from '../runtime/process-metrics.ts';
import { queueHandler } from '../runtime/queue-handler.ts';
import { drainDeadLetter } from '../steps/drain-dead-letters.ts';
import { openBucket, openControl, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('drain-dead-letters');
const stores = { ...openControl(environment), ...openTracking(environment), ...openBucket(environment) };

const metrics = new ProcessMetrics('drain-dead-letters', environment.METRICS_BY_ACCOUNT);

/** The dead letters of the batch queue: their rows fail with the reason. */
export const handler = queueHandler('drain-dead-letters', batchMessageSchema, async (messages) => {
  return metrics.around(async () => {
    for (const { body } of messages) {
      await drainDeadLetter(stores, body, requireProcess);
      metrics.addDeadLetter(body);
    }
    return { failed: [] };
  });
});
