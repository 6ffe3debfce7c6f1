import { randomUUID } from 'node:crypto';
import { ConnectionGuard, ForbiddenAddressError } from '../entities/http/connection-guard.ts';
import type { Caller } from '../model/account.ts';
import type { CreateWebhook } from '../model/api/webhooks.ts';
import { invalidRequest, receivedText } from '../model/invalid-request.ts';
import { ProblemError } from '../model/problem.ts';
import { queueJson } from '../model/queue-json.ts';
import { type Delivery, messageOf, newWebhookSecret, testDelivery, type Webhook } from '../model/webhook.ts';
import type { WebhookStores } from '../steps/queue-deliveries.ts';

export interface WebhookLimits {
  readonly webhooksPerAccount: number;
  /** http and private networks are allowed. */
  readonly allowInsecure: boolean;
  /** Days that deliveries are kept. */
  readonly keptDays: number;
}

/** Registers a webhook. Its secret is in the answer and, for its account, nowhere else. */
export async function createWebhook(
  { webhooks }: WebhookStores,
  { accountId }: Caller,
  { url, events, description }: CreateWebhook,
  { webhooksPerAccount, allowInsecure }: WebhookLimits,
): Promise<Webhook> {
  refuseForbidden(url, allowInsecure);
  const webhook: Webhook = {
    accountId,
    webhookId: randomUUID(),
    url,
    events: [...new Set(events)],
    ...(description !== undefined && { description }),
    secret: newWebhookSecret(),
    status: 'enabled',
    createdAt: new Date().toISOString(),
    failures: 0,
  };
  await webhooks.create(webhook, webhooksPerAccount);
  return webhook;
}

/** Names are judged at each delivery by where they lead then; an address that is none can be told now. */
function refuseForbidden(url: string, allowInsecure: boolean): void {
  try {
    new ConnectionGuard(allowInsecure).check(new URL(url));
  } catch (error) {
    if (!(error instanceof ForbiddenAddressError)) throw error;
    const address = allowInsecure ? 'an http or https address' : 'an https address in the public internet';
    const expected = `${address}, and none of link-local or instance metadata`;
    // The origin alone: user, path and query of a webhook's address may be secret.
    const received = receivedText(new URL(url).origin);
    throw invalidRequest([{ in: 'body', path: 'url', expected, received }], { cause: error });
  }
}

/** Deletes a webhook and answers with what it was. */
export async function deleteWebhook(
  { webhooks }: WebhookStores,
  { accountId }: Caller,
  webhookId: string,
): Promise<Webhook> {
  const webhook = await webhooks.get({ accountId, webhookId });
  await webhooks.delete(webhook);
  return webhook;
}

/** Sends to a webhook again, and forgets that it failed. */
export async function enableWebhook(
  { webhooks }: WebhookStores,
  { accountId }: Caller,
  webhookId: string,
): Promise<Webhook> {
  await webhooks.enable(await webhooks.get({ accountId, webhookId }));
  return webhooks.get({ accountId, webhookId });
}

/** Sends a delivery that means nothing, to see whether the webhook works. It is attempted once. */
export async function testWebhook(
  stores: WebhookStores,
  { accountId }: Caller,
  webhookId: string,
  { keptDays }: WebhookLimits,
): Promise<Delivery> {
  const webhook = await enabledWebhook(stores, accountId, webhookId);
  const delivery = testDelivery(webhook, randomUUID(), new Date().toISOString());
  await stores.deliveries.create(delivery, keptDays);
  await sendNow(stores, webhook, delivery);
  return delivery;
}

/** Begins another round of attempts for a delivery, with the same text and the same event id. */
export async function redeliver(
  stores: WebhookStores,
  { accountId }: Caller,
  path: { readonly webhookId: string; readonly deliveryId: string },
): Promise<Delivery> {
  const webhook = await enabledWebhook(stores, accountId, path.webhookId);
  const delivery = await stores.deliveries.reopen(await stores.deliveries.get({ accountId, ...path }));
  if (!delivery) throw new ProblemError('illegal_transition', 'The delivery was asked for again by another request.');
  await sendNow(stores, webhook, delivery);
  return delivery;
}

async function enabledWebhook({ webhooks }: WebhookStores, accountId: string, webhookId: string): Promise<Webhook> {
  const webhook = await webhooks.get({ accountId, webhookId });
  if (webhook.status === 'enabled') return webhook;
  const detail = `The webhook is disabled (${webhook.disabledReason}). Enable it first: POST /api/webhooks/${webhookId}/enable.`;
  throw new ProblemError('illegal_transition', detail);
}

/** Somebody waits for the answer: a webhook that is left alone for a while gets it all the same. */
async function sendNow(
  { webhooks, deliveryQueue }: WebhookStores,
  webhook: Webhook,
  delivery: Delivery,
): Promise<void> {
  await webhooks.endPause(webhook);
  await deliveryQueue.send([{ body: queueJson(messageOf(delivery)), accountId: delivery.accountId }]);
}
