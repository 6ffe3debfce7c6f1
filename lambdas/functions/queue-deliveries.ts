import { endEventSchema } from '../model/end-event.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { eventHandler } from '../runtime/event-handler.ts';
import { createLogger } from '../runtime/logger.ts';
import { queueDeliveries } from '../steps/queue-deliveries.ts';
import { openWebhooks } from '../store/open-stores.ts';

const environment = readEnvironment('queue-deliveries');
const stores = openWebhooks(environment);

/** An action has ended: the webhooks of its account that want to hear of it each get a delivery. */
export const handler = eventHandler('queue-deliveries', endEventSchema, async ({ detail }) => {
  const webhooks = await queueDeliveries(stores, detail, environment.DELIVERY_LOG_DAYS);
  createLogger('queue-deliveries').info('Queued deliveries', { webhooks });
});
