import type { z } from 'zod';
import type { deliverySchema, webhookSchema } from '../model/api/webhooks.ts';
import type { Delivery, Webhook } from '../model/webhook.ts';

/** A webhook as its account sees it, without its secret. */
export function viewWebhook({
  accountId,
  secret,
  probedUntil,
  events,
  ...webhook
}: Webhook): z.infer<typeof webhookSchema> {
  return { ...webhook, events: [...events] };
}

/** A delivery as its account sees it. */
export function viewDelivery(delivery: Delivery): z.infer<typeof deliverySchema> {
  const { deliveryId, eventId, type, status, problem, attempts, nextAttemptAt, createdAt, endedAt } = delivery;
  return {
    deliveryId,
    eventId,
    type,
    status,
    ...(problem !== undefined && { problem }),
    attempts: [...attempts],
    ...(status === 'pending' && { nextAttemptAt }),
    createdAt,
    ...(endedAt !== undefined && { endedAt }),
  };
}
