import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type {
  createdWebhookSchema,
  deliveryListSchema,
  deliverySchema,
  webhookSchema,
} from '../../lambdas/model/api/webhooks.ts';
import { routes } from '../../lambdas/model/api.ts';
import { giveKey, newAccount } from '../support/accounts.ts';
import { type Answer, RollcallClient } from '../support/client.ts';
import type { OutsideServer } from '../support/outside-service.ts';
import { newReference } from '../support/references.ts';
import { type StackResources, sharedStack } from '../support/stack-address.ts';
import { isGenuine, startReceiver } from '../support/webhook-receiver.ts';

const stack = sharedStack();
const anyone = new RollcallClient(stack).withKey(undefined);

type Created = z.infer<typeof createdWebhookSchema>;
type Webhook = z.infer<typeof webhookSchema>;
type Delivery = z.infer<typeof deliverySchema>;
type Deliveries = z.infer<typeof deliveryListSchema>;

const patienceMs = 60_000;

/** Asks until the answer is as it should be. */
async function until<Value>(read: () => Promise<Value>, condition: (value: Value) => boolean): Promise<Value> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const value = await read();
    if (condition(value)) return value;
    if (Date.now() > deadline) throw new Error(`Still waiting, now for ${JSON.stringify(value)}`);
    await delay(100);
  }
}

// A deployed stack cannot reach servers on this machine.
describe.skipIf(!stack.resources?.endpoints)('GIVEN accounts with webhooks', () => {
  const accountId = newAccount();
  let receiver: OutsideServer;
  let client: RollcallClient;
  let stranger: RollcallClient;
  /** What the receiver answers on a path before it answers 200: statuses, or `hang`. */
  const misdeeds = new Map<string, (number | 'hang')[]>();

  beforeAll(async () => {
    const resources = stack.resources as StackResources;
    client = anyone.withKey(await giveKey(resources, accountId, { role: 'operator' }));
    stranger = anyone.withKey(await giveKey(resources, newAccount()));
    receiver = await startReceiver();
    receiver.fault = ({ path }) => {
      const next = misdeeds.get(path)?.shift();
      if (next === undefined) return undefined;
      return next === 'hang' ? { kind: 'hang' } : { kind: 'status', answer: { status: next, body: { answer: next } } };
    };
  });
  afterAll(() => receiver[Symbol.asyncDispose]());

  async function register(
    own: { misdeeds?: (number | 'hang')[]; events?: string[] } = {},
    by = client,
  ): Promise<Created & { path: string }> {
    const path = `/${randomUUID()}`;
    misdeeds.set(path, own.misdeeds ?? []);
    const body = { url: receiver.url + path, ...(own.events && { events: own.events }) };
    const answer = await by.post<Created>('/api/webhooks', body);
    expect(answer.status).toBe(201);
    return { ...answer.body, path };
  }

  const heard = (path: string) => receiver.requests.filter((request) => request.path === path);
  const deliveriesOf = async ({ webhookId }: Webhook, by = client) =>
    (await by.read<Deliveries>(`/api/webhooks/${webhookId}/deliveries`)).items;
  const ended = (webhook: Webhook, by = client) =>
    until(
      () => deliveriesOf(webhook, by),
      (items) => items.length > 0 && items.every(({ status }) => status !== 'pending'),
    );
  const runAction = async (by = client, records = [{ pvarId: 'PVAR-1', boundaryCode: 'B-1' }]) =>
    by.ended(await by.submitRecords({ referenceId: newReference(), processName: 'campaignCreation' }, records));

  it('WHEN an action ends THEN those that want to know are told once, signed, and nobody else', async () => {
    const wanting = await register({ misdeeds: [500] });
    const deaf = await register({ events: ['cancelled'] });
    const foreign = await register({}, stranger);
    const action = await runAction();
    const [delivery] = await ended(wanting);
    expect(delivery).toMatchObject({
      type: 'bulk_action.ended',
      status: 'delivered',
      attempts: [{ responseStatus: 500, excerpt: '{"answer":500}' }, { responseStatus: 200 }],
    });
    const told = heard(wanting.path);
    expect(told).toHaveLength(2);
    for (const { headers, text } of told) {
      expect(isGenuine(wanting.secret, String(headers['rollcall-signature']), text)).toBe(true);
      expect(headers['rollcall-event-id']).toBe(delivery?.eventId);
    }
    const { actionId, status, counts } = action;
    const reportUrl = `/api/bulk-actions/${actionId}/report`;
    expect(told[1]?.body).toMatchObject({ type: 'bulk_action.ended', accountId, actionId, status, counts, reportUrl });
    expect((await client.get(told[1]?.body.reportUrl)).status).toBe(200);
    expect(told[1]?.text).not.toContain('PVAR-1');
    expect([...heard(deaf.path), ...heard(foreign.path)]).toEqual([]);
  });

  it('WHEN one hangs THEN it gets one delivery at a time, and another account does not wait for it', async () => {
    const hanging = await register({ misdeeds: Array.from({ length: 20 }, () => 'hang' as const) }, stranger);
    const path = `/api/webhooks/${hanging.webhookId}`;
    await stranger.post(`${path}/test`);
    const isPaused = ({ pausedUntil }: Webhook) => pausedUntil !== undefined;
    await until(() => stranger.read<Webhook>(path), isPaused);
    for (let n = 0; n < 12; n++) await stranger.post(`${path}/test`);
    const prompt = await register();
    await client.post(`/api/webhooks/${prompt.webhookId}/test`);
    expect(await ended(prompt)).toMatchObject([{ status: 'delivered' }]);
    // One after the other they take more than half a minute.
    const items = await deliveriesOf(hanging, stranger);
    expect(items.filter(({ status }) => status === 'pending').length).toBeGreaterThan(0);
    expect(items.at(-1)).toMatchObject({ status: 'failed', attempts: [{ error: 'timeout' }] });
    await stranger.request('DELETE', path);
  });

  it('WHEN it answers 410 THEN it is disabled, and can be enabled and told again', async () => {
    const webhook = await register({ misdeeds: [410] });
    const of = (rest: string) => `/api/webhooks/${webhook.webhookId}${rest}`;
    await client.post(of('/test'));
    const [delivery] = await ended(webhook);
    expect(delivery).toMatchObject({ type: 'webhook.test', status: 'failed', problem: 'gone' });
    expect(await client.read(of(''))).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
    const again = of(`/deliveries/${delivery?.deliveryId}/redeliver`);
    expect(await client.post(again)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
    expect(await client.post(of('/enable'))).toMatchObject({ status: 200, body: { status: 'enabled' } });
    expect(await client.post(again)).toMatchObject({ status: 202, body: { status: 'pending' } });
    const redelivered = await until(
      () => client.read<Delivery>(of(`/deliveries/${delivery?.deliveryId}`)),
      ({ status }) => status !== 'pending',
    );
    expect(redelivered).toMatchObject({
      status: 'delivered',
      attempts: [{ responseStatus: 410 }, { responseStatus: 200 }],
    });
    const [first, second] = heard(webhook.path);
    expect(second?.text).toBe(first?.text);
  });

  it('WHEN deliveries are many THEN they are read page by page, newest first', async () => {
    const webhook = await register();
    const sent: string[] = [];
    for (let n = 0; n < 3; n++) {
      const { body } = await client.post<Delivery>(`/api/webhooks/${webhook.webhookId}/test`);
      sent.unshift(body.deliveryId);
    }
    const path = `/api/webhooks/${webhook.webhookId}/deliveries?limit=2`;
    const first = await client.read<Deliveries>(path);
    const second = await client.read<Deliveries>(`${path}&cursor=${first.cursor}`);
    expect([...first.items, ...second.items].map(({ deliveryId }) => deliveryId)).toEqual(sent);
    const other = await register();
    const foreign = await client.get(`/api/webhooks/${other.webhookId}/deliveries?cursor=${first.cursor}`);
    expect(foreign).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('WHEN the secret has been shown THEN it is shown nowhere again', async () => {
    const { secret, webhookId } = await register();
    expect(secret).toMatch(/^whsec_.{40,}$/);
    const answers: Answer[] = [
      await client.get('/api/webhooks'),
      await client.get(`/api/webhooks/${webhookId}`),
      await client.post(`/api/webhooks/${webhookId}/test`),
      await client.post(`/api/webhooks/${webhookId}/enable`),
      await client.request('DELETE', `/api/webhooks/${webhookId}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 202, 200, 200]);
    for (const { body } of answers) expect(JSON.stringify(body)).not.toContain(secret);
    expect((await client.get(`/api/webhooks/${webhookId}`)).status).toBe(404);
  });

  const ofWebhooks = routes.filter(({ path }) => path.includes('{webhookId}'));
  it.each(ofWebhooks.map(({ method, path, operationId }) => ({ method, path, operationId })))(
    "WHEN one asks for what is the other's ($operationId) THEN there is no such thing",
    async ({ method, path }) => {
      const { webhookId } = await register();
      const filled = path.replace('{webhookId}', webhookId).replace('{deliveryId}', randomUUID());
      expect(await stranger.request(method, filled)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect((await client.get(`/api/webhooks/${webhookId}`)).status).toBe(200);
      await client.request('DELETE', `/api/webhooks/${webhookId}`);
    },
  );

  it.each([
    { name: 'no address', url: 'example.org' },
    { name: 'another scheme', url: 'ftp://example.org/' },
    { name: 'a password', url: 'https://me:secret@example.org/' },
    { name: 'instance metadata', url: 'http://169.254.169.254/latest/meta-data' },
    { name: 'instance metadata in disguise', url: 'http://[::ffff:a9fe:a9fe]/' },
  ])('WHEN the address is $name THEN it is refused', async ({ url }) => {
    expect(await client.post('/api/webhooks', { url })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });

  it('WHEN a verdict is none, or the role is not enough, THEN it is refused', async () => {
    const url = 'https://example.org/';
    expect((await client.post('/api/webhooks', { url, events: ['processing'] })).status).toBe(400);
    const producer = anyone.withKey(await giveKey(stack.resources as StackResources, accountId, { role: 'producer' }));
    expect((await producer.post('/api/webhooks', { url })).status).toBe(403);
  });
});
