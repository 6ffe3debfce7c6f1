import type { EndEvent } from '../model/end-event.ts';
import { queueJson } from '../model/queue-json.ts';
import { endDelivery, messageOf } from '../model/webhook.ts';
import type { BatchQueue } from '../store/batch-queue.ts';
import type { DeliveryStore } from '../store/delivery-store.ts';
import type { WebhookStore } from '../store/webhook-store.ts';

export interface WebhookStores {
  readonly webhooks: WebhookStore;
  readonly deliveries: DeliveryStore;
  readonly deliveryQueue: BatchQueue;
}

/**
 * Makes of an action's end a delivery for each webhook of its account that wants to hear of it. However often the event
 * comes, there is one delivery a webhook; its message is sent again, since an earlier attempt may have been killed
 * before it, and one too many is harmless. Answers how many webhooks there are for it.
 */
export async function queueDeliveries(
  { webhooks, deliveries, deliveryQueue }: WebhookStores,
  event: EndEvent,
  keptDays: number,
): Promise<number> {
  const wanting = (await webhooks.list(event.accountId)).filter(
    ({ status, events }) => status === 'enabled' && events.includes(event.status),
  );
  const due = wanting.map((webhook) => endDelivery(webhook, event));
  await Promise.all(due.map((delivery) => deliveries.create(delivery, keptDays)));
  await deliveryQueue.send(
    due.map((delivery) => ({ body: queueJson(messageOf(delivery)), accountId: delivery.accountId })),
  );
  return due.length;
}
