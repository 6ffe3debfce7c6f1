import { pauseAfter, type RetryPlan } from '../model/retry-plan.ts';
import type { Delivery, DeliveryMessage, DeliveryProblem, Webhook } from '../model/webhook.ts';
import type { AttemptResult, DeliveryStore } from '../store/delivery-store.ts';
import type { WebhookStore } from '../store/webhook-store.ts';
import { type AttemptContext, type AttemptOutcome, attemptDelivery } from './attempt-delivery.ts';

export interface DeliverStores {
  readonly webhooks: WebhookStore;
  readonly deliveries: DeliveryStore;
}

export interface DeliverContext extends AttemptContext {
  readonly plan: RetryPlan;
  /** A webhook that nothing got through to for longer is disabled. */
  readonly failingSeconds: number;
}

/** Done with, or to come again after some seconds. */
export type DeliverOutcome = { readonly kind: 'done' } | { readonly kind: 'again'; readonly delaySeconds: number };

/** Beyond the timeout: to note the outcome. An attempt that is older than both was killed. */
const noteSeconds = 5;
const done: DeliverOutcome = { kind: 'done' };

/**
 * Attempts a delivery if it is due. The attempt is counted before it is made, so that of two messages for one delivery
 * only one makes it; a kill in between costs one attempt, and the message comes again.
 */
export async function deliverWebhook(
  stores: DeliverStores,
  message: DeliveryMessage,
  context: DeliverContext,
): Promise<DeliverOutcome> {
  const [webhook, delivery] = await Promise.all([stores.webhooks.find(message), stores.deliveries.find(message)]);
  if (!webhook || delivery?.status !== 'pending' || delivery.round !== message.round) return done;
  if (webhook.status === 'disabled') return fail(stores, delivery, 'webhook_disabled');
  const early = secondsUntil(dueAt(webhook, delivery), context);
  if (early > 0) return { kind: 'again', delaySeconds: early };
  // The last attempt was killed: it may have got through, but nobody knows.
  if (delivery.tries >= attemptsOf(delivery, context)) return fail(stores, delivery, 'attempts_exhausted');
  if (!(await takeAttempt(stores, webhook, delivery, context))) return again(leaseSeconds(context));
  const outcome = await attemptDelivery(webhook, delivery, context);
  const result = await judge(stores.webhooks, webhook, delivery, outcome, context);
  await stores.deliveries.conclude(delivery, result, outcome.attempt);
  return result.status === 'pending' ? again(secondsUntil(result.nextAttemptAt, context)) : done;
}

/** Ends a delivery without another attempt. */
async function fail(
  { deliveries }: DeliverStores,
  delivery: Delivery,
  problem: DeliveryProblem,
): Promise<DeliverOutcome> {
  await deliveries.conclude(delivery, { status: 'failed', problem });
  return done;
}

/** Whoever asks for a test wants to know at once. */
function attemptsOf({ type }: Delivery, { plan }: DeliverContext): number {
  return type === 'webhook.test' ? 1 : plan.attempts;
}

/** Only one message at a time gets the next attempt of a delivery, and one delivery that of a paused webhook. */
async function takeAttempt(
  { webhooks, deliveries }: DeliverStores,
  webhook: Webhook,
  delivery: Delivery,
  context: DeliverContext,
): Promise<boolean> {
  const until = inSeconds(leaseSeconds(context), context);
  if (webhook.pausedUntil !== undefined && !(await webhooks.probe(webhook, until))) return false;
  return deliveries.begin(delivery, until);
}

/** What an attempt means for its delivery, after noting what it means for the webhook. */
async function judge(
  webhooks: WebhookStore,
  webhook: Webhook,
  delivery: Delivery,
  outcome: AttemptOutcome,
  context: DeliverContext,
): Promise<AttemptResult> {
  const { responseStatus = 0 } = outcome.attempt;
  if (responseStatus >= 200 && responseStatus < 300) {
    await webhooks.noteSuccess(webhook);
    return { status: 'delivered' };
  }
  if (responseStatus === 410) {
    await webhooks.disable(webhook, 'gone');
    return { status: 'failed', problem: 'gone' };
  }
  return afterFailure(webhooks, webhook, delivery, outcome, context);
}

async function afterFailure(
  webhooks: WebhookStore,
  webhook: Webhook,
  delivery: Delivery,
  { attempt, retryAfterSeconds = 0 }: AttemptOutcome,
  context: DeliverContext,
): Promise<AttemptResult> {
  const { plan, failingSeconds, clock } = context;
  if (webhook.failingSince !== undefined && clock.now() - Date.parse(webhook.failingSince) > failingSeconds * 1_000) {
    await webhooks.disable(webhook, 'failing');
    return { status: 'failed', problem: 'webhook_disabled' };
  }
  const silent = attempt.responseStatus === undefined;
  const pausedUntil = silent ? inSeconds(pauseAfter(webhook.failures + 1, plan), context) : undefined;
  await webhooks.noteFailure(webhook, attempt.at, pausedUntil);
  const tries = delivery.tries + 1;
  if (tries >= attemptsOf(delivery, context)) return { status: 'failed', problem: 'attempts_exhausted' };
  const seconds = Math.max(pauseAfter(tries, plan), retryAfterSeconds);
  return { status: 'pending', nextAttemptAt: inSeconds(seconds, context) };
}

function leaseSeconds({ timeoutSeconds }: DeliverContext): number {
  return timeoutSeconds + noteSeconds;
}

function again(delaySeconds: number): DeliverOutcome {
  return { kind: 'again', delaySeconds };
}

function inSeconds(seconds: number, { clock }: DeliverContext): string {
  return new Date(clock.now() + seconds * 1_000).toISOString();
}

/** Whole seconds, so that a message does not come a moment too early. */
function secondsUntil(time: string, { clock }: DeliverContext): number {
  return Math.max(0, Math.ceil((Date.parse(time) - clock.now()) / 1_000));
}

/** When the delivery may be attempted, as things stand. ISO 8601 times sort as texts. */
function dueAt({ pausedUntil = '', probedUntil = '' }: Webhook, { nextAttemptAt }: Delivery): string {
  return [nextAttemptAt, pausedUntil, probedUntil].sort().at(-1) as string;
}
