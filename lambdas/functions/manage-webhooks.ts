import type { z } from 'zod';
import type { CreateWebhook, listDeliveriesQuerySchema } from '../model/api/webhooks.ts';
import { viewDelivery, viewWebhook } from '../operations/view-webhook.ts';
import { createWebhook, deleteWebhook, enableWebhook, redeliver, testWebhook } from '../operations/webhooks.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openWebhooks } from '../store/open-stores.ts';

const environment = readEnvironment('manage-webhooks');
const stores = openWebhooks(environment);
const limits = {
  webhooksPerAccount: environment.WEBHOOKS_PER_ACCOUNT,
  allowInsecure: environment.ALLOW_INSECURE_WEBHOOKS,
  keptDays: environment.DELIVERY_LOG_DAYS,
};

type OneWebhook<Query = unknown> = HttpRequest<{ webhookId: string }, Query>;
type OneDelivery = HttpRequest<{ webhookId: string; deliveryId: string }>;

/** /api/webhooks…: who hears of the ends of an account's actions. */
export const handler = httpHandler('manage-webhooks', {
  createWebhook: async ({ caller, body }: HttpRequest<unknown, unknown, CreateWebhook>) => {
    const webhook = await createWebhook(stores, caller, body, limits);
    return { status: 201, body: { ...viewWebhook(webhook), secret: webhook.secret } };
  },
  listWebhooks: async ({ caller }: HttpRequest) => {
    const items = await stores.webhooks.list(caller.accountId);
    return { status: 200, body: { items: items.map(viewWebhook) } };
  },
  getWebhook: async ({ caller, path }: OneWebhook) => {
    const webhook = await stores.webhooks.get({ accountId: caller.accountId, ...path });
    return { status: 200, body: viewWebhook(webhook) };
  },
  deleteWebhook: async ({ caller, path }: OneWebhook) => {
    return { status: 200, body: viewWebhook(await deleteWebhook(stores, caller, path.webhookId)) };
  },
  enableWebhook: async ({ caller, path }: OneWebhook) => {
    return { status: 200, body: viewWebhook(await enableWebhook(stores, caller, path.webhookId)) };
  },
  testWebhook: async ({ caller, path }: OneWebhook) => {
    return { status: 202, body: viewDelivery(await testWebhook(stores, caller, path.webhookId, limits)) };
  },
  listDeliveries: async ({ caller, path, query }: OneWebhook<z.output<typeof listDeliveriesQuerySchema>>) => {
    const webhook = await stores.webhooks.get({ accountId: caller.accountId, ...path });
    const { items, ...page } = await stores.deliveries.list(webhook, query);
    return { status: 200, body: { items: items.map(viewDelivery), ...page } };
  },
  getDelivery: async ({ caller, path }: OneDelivery) => {
    const webhook = await stores.webhooks.get({ accountId: caller.accountId, webhookId: path.webhookId });
    return { status: 200, body: viewDelivery(await stores.deliveries.get({ ...webhook, ...path })) };
  },
  redeliver: async ({ caller, path }: OneDelivery) => {
    return { status: 202, body: viewDelivery(await redeliver(stores, caller, path)) };
  },
});
