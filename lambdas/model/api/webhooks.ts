import { z } from 'zod';
import { terminalStatuses } from '../action.ts';
import {
  attemptErrors,
  deliveryProblems,
  deliveryStatuses,
  disabledReasons,
  webhookEventTypes,
  webhookStatuses,
} from '../webhook.ts';
import { cursor, limit, time } from './paging.ts';
import type { Route } from './route.ts';

/** How an action may have ended. */
const verdict = z.enum(terminalStatuses);

export const createWebhookSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'expected an https address' })
      .max(2_048)
      .refine(namesNobody, { error: 'expected an address without user name and password: deliveries are signed' })
      .meta({ description: 'Where deliveries are posted.' }),
    events: z
      .array(verdict)
      .min(1)
      .max(terminalStatuses.length)
      .default([...terminalStatuses])
      .meta({ description: 'The verdicts to hear of; all by default.' }),
    description: z.string().min(1).max(200).optional(),
  })
  .meta({ id: 'CreateWebhook' });
export type CreateWebhook = z.output<typeof createWebhookSchema>;

/** Whoever signs needs no password, and one in an address would be in every log along the way. */
function namesNobody(text: string): boolean {
  const url = URL.parse(text);
  return url === null || (url.username === '' && url.password === '');
}

export const webhookSchema = z
  .object({
    webhookId: z.string(),
    url: z.string(),
    events: z.array(verdict),
    description: z.string().optional(),
    status: z.enum(webhookStatuses),
    disabledReason: z
      .enum(disabledReasons)
      .optional()
      .meta({ description: '`gone`: it answered 410. `failing`: nothing got through for too long.' }),
    failures: z.number().int().min(0).meta({ description: 'Failed attempts since the last that got through.' }),
    failingSince: time.optional(),
    pausedUntil: time.optional().meta({ description: 'It did not answer at all; until then nothing is sent to it.' }),
    createdAt: time,
  })
  .meta({ id: 'Webhook' });
export const createdWebhookSchema = webhookSchema
  .extend({ secret: z.string().meta({ description: 'Deliveries are signed with it. It is shown this once.' }) })
  .meta({ id: 'CreatedWebhook' });
export const webhookListSchema = z.object({ items: z.array(webhookSchema) }).meta({ id: 'WebhookList' });

const attemptSchema = z
  .object({
    at: time,
    durationMs: z.number().min(0),
    responseStatus: z.number().int().optional(),
    excerpt: z.string().optional().meta({ description: "The beginning of the answer's body." }),
    error: z.enum(attemptErrors).optional().meta({ description: 'Why there was no answer.' }),
    detail: z.string().optional(),
  })
  .meta({ id: 'DeliveryAttempt' });
export const deliverySchema = z
  .object({
    deliveryId: z.string(),
    eventId: z.string(),
    type: z.enum(webhookEventTypes),
    status: z.enum(deliveryStatuses),
    problem: z.enum(deliveryProblems).optional().meta({ description: 'Why it failed for good.' }),
    attempts: z.array(attemptSchema).meta({ description: 'The oldest first; the last 20.' }),
    nextAttemptAt: time.optional(),
    createdAt: time,
    endedAt: time.optional(),
  })
  .meta({ id: 'Delivery' });
export const deliveryListSchema = z
  .object({ items: z.array(deliverySchema), cursor: z.string().optional() })
  .meta({ id: 'DeliveryList' });
export const listDeliveriesQuerySchema = z.strictObject({ cursor: cursor.optional(), limit });

const webhookPath = z.object({ webhookId: z.uuid() });
const deliveryPath = webhookPath.extend({ deliveryId: z.uuid() });

const common = { function: 'manage-webhooks', role: 'operator' } as const;
const ofWebhook = { ...common, pathParameters: webhookPath, problems: ['not_found'] } as const;

/** Webhooks: who hears of an account's ends, and what was sent to whom. */
export const webhookRoutes: readonly Route[] = [
  {
    ...common,
    method: 'POST',
    path: '/api/webhooks',
    operationId: 'createWebhook',
    summary: "Hear of the ends of the account's actions",
    body: createWebhookSchema,
    answers: { 201: createdWebhookSchema },
    problems: ['too_many_webhooks'],
  },
  {
    ...common,
    method: 'GET',
    path: '/api/webhooks',
    operationId: 'listWebhooks',
    summary: "The account's webhooks, the oldest first",
    answers: { 200: webhookListSchema },
  },
  {
    ...ofWebhook,
    method: 'GET',
    path: '/api/webhooks/{webhookId}',
    operationId: 'getWebhook',
    summary: 'One webhook: is it enabled, and does it work?',
    answers: { 200: webhookSchema },
  },
  {
    ...ofWebhook,
    method: 'DELETE',
    path: '/api/webhooks/{webhookId}',
    operationId: 'deleteWebhook',
    summary: 'Delete a webhook; what was still to be delivered is dropped',
    answers: { 200: webhookSchema },
  },
  {
    ...ofWebhook,
    method: 'POST',
    path: '/api/webhooks/{webhookId}/enable',
    operationId: 'enableWebhook',
    summary: 'Send to a disabled webhook again',
    answers: { 200: webhookSchema },
  },
  {
    ...ofWebhook,
    method: 'POST',
    path: '/api/webhooks/{webhookId}/test',
    operationId: 'testWebhook',
    summary: 'Send a test; the delivery says what came of it',
    answers: { 202: deliverySchema },
    problems: ['not_found', 'illegal_transition'],
  },
  {
    ...ofWebhook,
    method: 'GET',
    path: '/api/webhooks/{webhookId}/deliveries',
    operationId: 'listDeliveries',
    summary: 'What was sent to a webhook and what came of it, newest first',
    query: listDeliveriesQuerySchema,
    answers: { 200: deliveryListSchema },
  },
  {
    ...ofWebhook,
    method: 'GET',
    path: '/api/webhooks/{webhookId}/deliveries/{deliveryId}',
    operationId: 'getDelivery',
    summary: 'One delivery',
    pathParameters: deliveryPath,
    answers: { 200: deliverySchema },
  },
  {
    ...ofWebhook,
    method: 'POST',
    path: '/api/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver',
    operationId: 'redeliver',
    summary: 'Send a delivery once more, whatever came of it',
    pathParameters: deliveryPath,
    answers: { 202: deliverySchema },
    problems: ['not_found', 'illegal_transition'],
  },
];
