import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ActionStatus } from './action.ts';
import type { EndEvent } from './end-event.ts';
import { timedUuid } from './identity.ts';

export const webhookStatuses = ['enabled', 'disabled'] as const;
export type WebhookStatus = (typeof webhookStatuses)[number];

/** A delivery ends `delivered` or `failed`; being asked for again makes it `pending` again. */
export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** `gone`: it answered 410. `failing`: nothing got through for longer than the stage bears. */
export const disabledReasons = ['gone', 'failing'] as const;
export type DisabledReason = (typeof disabledReasons)[number];

/** Why a delivery failed for good. */
export const deliveryProblems = ['gone', 'attempts_exhausted', 'webhook_disabled'] as const;
export type DeliveryProblem = (typeof deliveryProblems)[number];

/** Why an attempt was not answered. */
export const attemptErrors = ['timeout', 'connection', 'forbidden_address'] as const;
export type AttemptError = (typeof attemptErrors)[number];

export const webhookEventTypes = ['bulk_action.ended', 'webhook.test'] as const;
export type WebhookEventType = (typeof webhookEventTypes)[number];

/** Characters of an answer's body that the log keeps. */
export const excerptCharacters = 200;

/** An address of an account that wants to hear of its actions' ends. Times are ISO 8601 UTC. */
export interface Webhook {
  readonly accountId: string;
  readonly webhookId: string;
  readonly url: string;
  /** The verdicts that it wants to hear of. */
  readonly events: readonly ActionStatus[];
  readonly description?: string;
  /** What its deliveries are signed with. */
  readonly secret: string;
  readonly status: WebhookStatus;
  readonly disabledReason?: DisabledReason;
  readonly createdAt: string;
  /** Failed attempts since the last one that got through, and when the first of them was. */
  readonly failures: number;
  readonly failingSince?: string;
  /** It hangs or cannot be reached: until then nothing is sent to it, so that it holds up nobody else. */
  readonly pausedUntil?: string;
  /** After a pause it gets one attempt at a time until one gets through; this one is taken for lost then. */
  readonly probedUntil?: string;
}

/** One attempt to deliver: what was answered, or why nothing was. */
export interface DeliveryAttempt {
  readonly at: string;
  readonly durationMs: number;
  readonly responseStatus?: number;
  /** The beginning of the answer's body. */
  readonly excerpt?: string;
  readonly error?: AttemptError;
  readonly detail?: string;
}

/** One event for one webhook. */
export interface Delivery {
  readonly accountId: string;
  readonly webhookId: string;
  readonly deliveryId: string;
  readonly eventId: string;
  readonly type: WebhookEventType;
  /** The very text that is sent and signed. */
  readonly body: string;
  readonly status: DeliveryStatus;
  /** 0 at first, one more each time it is asked for again. */
  readonly round: number;
  /** Attempts begun in this round. */
  readonly tries: number;
  /** The last attempts, the oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
  /** Not before; while an attempt is under way, when it is taken for lost. */
  readonly nextAttemptAt: string;
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly problem?: DeliveryProblem;
}

/** What is in the queue: the delivery to be attempted. A message of an earlier round is of no use any more. */
export const deliveryMessageSchema = z.object({
  accountId: z.string().min(1),
  webhookId: z.string().min(1),
  deliveryId: z.string().min(1),
  round: z.number().int().min(0),
});
export type DeliveryMessage = z.infer<typeof deliveryMessageSchema>;

/** A secret for signatures: 256 bits. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64url')}`;
}

/** The delivery of an action's end: however often the event comes, it is this one. */
export function endDelivery({ accountId, webhookId }: Webhook, event: EndEvent): Delivery {
  const { finishedAt: createdAt, eventId, ...figures } = event;
  const type = 'bulk_action.ended';
  return newDelivery({ accountId, webhookId, eventId, type, createdAt, payload: figures });
}

/** A delivery that shows whether the webhook works. */
export function testDelivery({ accountId, webhookId }: Webhook, eventId: string, createdAt: string): Delivery {
  return newDelivery({ accountId, webhookId, eventId, type: 'webhook.test', createdAt, payload: { webhookId } });
}

function newDelivery({
  payload,
  ...own
}: Pick<Delivery, 'accountId' | 'webhookId' | 'eventId' | 'type' | 'createdAt'> & { payload: object }): Delivery {
  const { webhookId, eventId, type, createdAt } = own;
  return {
    ...own,
    deliveryId: timedUuid(createdAt, 'delivery', webhookId, eventId),
    body: JSON.stringify({ eventId, type, createdAt, ...payload }),
    status: 'pending',
    round: 0,
    tries: 0,
    attempts: [],
    nextAttemptAt: createdAt,
  };
}

/** What a queue needs to know of a delivery. */
export function messageOf({ accountId, webhookId, deliveryId, round }: Delivery): DeliveryMessage {
  return { accountId, webhookId, deliveryId, round };
}
