import { batchMessageSchema } from '../model/batch-message.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { queueHandler } from '../runtime/queue-handler.ts';
import { drainDeadLetter } from '../steps/drain-dead-letters.ts';
import { openBucket, openControl, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('drain-dead-letters');
const stores = { ...openControl(environment), ...openTracking(environment), ...openBucket(environment) };

/** The dead letters of the batch queue: their rows fail with the reason. */
export const handler = queueHandler('drain-dead-letters', batchMessageSchema, async (messages) => {
  for (const { body } of messages) await drainDeadLetter(stores, body);
  return { failed: [] };
});
