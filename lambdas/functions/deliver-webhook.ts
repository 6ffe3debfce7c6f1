import { systemClock } from '../entities/http/clock.ts';
import { ConnectionGuard } from '../entities/http/connection-guard.ts';
import { deliveryMessageSchema } from '../model/webhook.ts';
import { eachMessage } from '../runtime/each-message.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { queueHandler } from '../runtime/queue-handler.ts';
import { deliverWebhook } from '../steps/deliver-webhook.ts';
import { openWebhooks } from '../store/open-stores.ts';

/** Time to write down what was answered. */
const closingMs = 3_000;

const environment = readEnvironment('deliver-webhook');
const stores = openWebhooks(environment);
const context = {
  guard: new ConnectionGuard(environment.ALLOW_INSECURE_WEBHOOKS),
  timeoutSeconds: environment.WEBHOOK_TIMEOUT_SECONDS,
  failingSeconds: environment.WEBHOOK_FAILING_SECONDS,
  plan: {
    attempts: environment.WEBHOOK_ATTEMPTS,
    firstSeconds: environment.WEBHOOK_FIRST_RETRY_SECONDS,
    longestSeconds: environment.WEBHOOK_LONGEST_RETRY_SECONDS,
  },
  clock: systemClock,
};

/** The queue of deliveries: each is attempted when it is due, and comes again until it got through or is given up. */
export const handler = queueHandler(
  'deliver-webhook',
  deliveryMessageSchema,
  (messages, { remainingMs }) => {
    const signal = AbortSignal.timeout(Math.max(1, remainingMs() - closingMs));
    return eachMessage('deliver-webhook', messages, ({ body }) => deliverWebhook(stores, body, { ...context, signal }));
  },
  async (delayed) => {
    const { deliveryQueue } = stores;
    await Promise.all(delayed.map((message) => deliveryQueue.delay(message.receiptHandle, message.delaySeconds)));
  },
);
