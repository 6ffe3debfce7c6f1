import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionGuard } from '../../lambdas/entities/http/connection-guard.ts';
import { endEventOf } from '../../lambdas/model/end-event.ts';
import {
  type Delivery,
  endDelivery,
  messageOf,
  newWebhookSecret,
  testDelivery,
  type Webhook,
} from '../../lambdas/model/webhook.ts';
import { type DeliverContext, deliverWebhook } from '../../lambdas/steps/deliver-webhook.ts';
import { queueDeliveries } from '../../lambdas/steps/queue-deliveries.ts';
import { newAction } from '../support/actions.ts';
import type { OutsideServer } from '../support/outside-service.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { isGenuine, startReceiver } from '../support/webhook-receiver.ts';

let stores: TestStores;
let receiver: OutsideServer;
/** What time it is, in milliseconds; moves only when a test says so. */
let now: number;
beforeAll(async () => {
  stores = await startTestStores();
  receiver = await startReceiver();
  now = Date.now();
});
afterEach(() => {
  receiver.fault = () => undefined;
  receiver.requests.length = 0;
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await stores.stop();
});

const plan = { attempts: 3, firstSeconds: 100, longestSeconds: 1_000 };
const context = (own: Partial<DeliverContext> = {}): DeliverContext => ({
  guard: new ConnectionGuard(true),
  timeoutSeconds: 30,
  plan,
  failingSeconds: 10_000,
  clock: { now: () => now },
  signal: AbortSignal.timeout(60_000),
  ...own,
});

async function newWebhook(own: Partial<Webhook> = {}): Promise<Webhook> {
  const webhook: Webhook = {
    accountId: `t-${randomUUID()}`,
    webhookId: randomUUID(),
    url: `${receiver.url}/hook`,
    events: ['completed', 'failed'],
    secret: newWebhookSecret(),
    status: 'enabled',
    createdAt: new Date(now).toISOString(),
    failures: 0,
    ...own,
  };
  await stores.webhooks.create(webhook, 20);
  return webhook;
}

async function due(webhook: Webhook): Promise<Delivery> {
  const action = newAction({ status: 'completed', finishedAt: new Date(now).toISOString() });
  const event = endEventOf({ ...action, accountId: webhook.accountId });
  await queueDeliveries({ ...stores, deliveryQueue: stores.queue }, event, 30);
  return stores.deliveries.get(endDelivery(webhook, event));
}

const deliver = (delivery: Delivery, own?: Partial<DeliverContext>) =>
  deliverWebhook(stores, messageOf(delivery), context(own));
const pass = (seconds: number) => {
  now += seconds * 1_000;
};
const current = (delivery: Delivery) => stores.deliveries.get(delivery);
const answering = (status: number, headers = {}) => {
  receiver.fault = () => ({ kind: 'status', answer: { status, headers, body: { message: 'x'.repeat(5_000) } } });
};

describe('GIVEN an event', () => {
  it('WHEN it comes ten times at once THEN each webhook that wants it has one delivery', async () => {
    const webhook = await newWebhook();
    const { accountId } = webhook;
    const deaf = await newWebhook({ accountId, events: ['cancelled'] });
    const disabled = await newWebhook({ accountId, status: 'disabled' });
    const event = { ...endEventOf(newAction({ status: 'completed' })), accountId };
    const queue = { ...stores, deliveryQueue: stores.queue };
    await Promise.all(Array.from({ length: 10 }, () => queueDeliveries(queue, event, 30)));
    const counts = await Promise.all(
      [webhook, deaf, disabled].map(async (one) => (await stores.deliveries.list(one, { limit: 100 })).items.length),
    );
    expect(counts).toEqual([1, 0, 0]);
  });

  it('WHEN its message comes ten times at once THEN it is sent once, signed over what is sent', async () => {
    const webhook = await newWebhook();
    const delivery = await due(webhook);
    await Promise.all(Array.from({ length: 10 }, () => deliver(delivery)));
    pass(60);
    await deliver(delivery);
    expect(receiver.requests).toHaveLength(1);
    const [{ headers, text }] = receiver.requests as [(typeof receiver.requests)[0]];
    expect(text).toBe(delivery.body);
    expect(headers['rollcall-event-id']).toBe(delivery.eventId);
    expect(isGenuine(webhook.secret, String(headers['rollcall-signature']), text, (now - 60_000) / 1_000)).toBe(true);
    expect(await current(delivery)).toMatchObject({ status: 'delivered', attempts: [{ responseStatus: 200 }] });
  });
});

describe('GIVEN a webhook that refuses', () => {
  it('WHEN it does so each time THEN it is asked again after growing pauses, and then given up', async () => {
    const delivery = await due(await newWebhook());
    answering(500);
    const first = await deliver(delivery);
    expect(first).toMatchObject({ kind: 'again', delaySeconds: expect.closeTo(100, -2) });
    expect(await deliver(delivery)).toMatchObject({ kind: 'again' });
    expect(receiver.requests).toHaveLength(1);
    pass(126);
    expect(await deliver(delivery)).toMatchObject({ kind: 'again', delaySeconds: expect.closeTo(400, -3) });
    pass(501);
    expect(await deliver(delivery)).toEqual({ kind: 'done' });
    const { attempts, ...ended } = await current(delivery);
    expect(ended).toMatchObject({ status: 'failed', problem: 'attempts_exhausted', endedAt: expect.any(String) });
    expect(attempts.map(({ responseStatus }) => responseStatus)).toEqual([500, 500, 500]);
    expect(attempts[0]?.excerpt).toHaveLength(200);
  });

  it('WHEN it answers 500 and then 200 THEN it is delivered, and what failed is forgotten', async () => {
    const webhook = await newWebhook();
    const delivery = await due(webhook);
    answering(500);
    await deliver(delivery);
    expect(await stores.webhooks.get(webhook)).toMatchObject({ failures: 1, failingSince: expect.any(String) });
    receiver.fault = () => undefined;
    pass(126);
    expect(await deliver(delivery)).toEqual({ kind: 'done' });
    expect((await current(delivery)).status).toBe('delivered');
    expect(await stores.webhooks.get(webhook)).toEqual(webhook);
  });

  it.each(['huge_body', 'garbage'] as const)(
    'WHEN it takes the delivery and answers %s THEN it is delivered',
    async (kind) => {
      const delivery = await due(await newWebhook());
      receiver.fault = () => ({ kind });
      expect(await deliver(delivery)).toEqual({ kind: 'done' });
      const { status, attempts } = await current(delivery);
      expect(status).toBe('delivered');
      expect(attempts[0]?.excerpt?.length).toBeLessThanOrEqual(200);
    },
  );

  it('WHEN it asks for time THEN it gets it', async () => {
    const delivery = await due(await newWebhook());
    answering(429, { 'retry-after': '900' });
    expect(await deliver(delivery)).toEqual({ kind: 'again', delaySeconds: 900 });
  });

  it('WHEN it sends elsewhere THEN nobody goes there', async () => {
    const delivery = await due(await newWebhook());
    answering(302, { location: `${receiver.url}/elsewhere` });
    await deliver(delivery);
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/hook']);
    expect(await current(delivery)).toMatchObject({ status: 'pending', attempts: [{ responseStatus: 302 }] });
  });

  it('WHEN it answers 410 THEN it is disabled and what is on its way fails', async () => {
    const webhook = await newWebhook();
    const [first, second] = [await due(webhook), await due(webhook)];
    answering(410);
    await deliver(first);
    await deliver(second);
    expect(receiver.requests).toHaveLength(1);
    expect(await stores.webhooks.get(webhook)).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
    expect(await current(first)).toMatchObject({ status: 'failed', problem: 'gone' });
    expect(await current(second)).toMatchObject({ status: 'failed', problem: 'webhook_disabled' });
  });

  it('WHEN nothing has got through for too long THEN it is disabled', async () => {
    const webhook = await newWebhook();
    const delivery = await due(webhook);
    answering(503);
    await deliver(delivery);
    pass(20_000);
    await deliver(delivery);
    expect(await stores.webhooks.get(webhook)).toMatchObject({ status: 'disabled', disabledReason: 'failing' });
    expect((await current(delivery)).status).toBe('failed');
  });

  it('WHEN a test is refused THEN it is not sent again', async () => {
    const webhook = await newWebhook();
    const delivery = testDelivery(webhook, randomUUID(), new Date(now).toISOString());
    await stores.deliveries.create(delivery, 30);
    answering(500);
    expect(await deliver(delivery)).toEqual({ kind: 'done' });
    expect((await current(delivery)).status).toBe('failed');
  });
});

describe('GIVEN a webhook that hangs', () => {
  it('WHEN it has many deliveries THEN it gets one at a time until one gets through', async () => {
    const webhook = await newWebhook();
    const deliveries = [await due(webhook), await due(webhook), await due(webhook)];
    // Which of them gets the one attempt is chance, so each may have all of them.
    const plenty = { plan: { ...plan, attempts: 8 } };
    const hurried = { ...plenty, timeoutSeconds: 1 };
    const all = (own: Partial<DeliverContext>) => Promise.all(deliveries.map((delivery) => deliver(delivery, own)));
    receiver.fault = () => ({ kind: 'hang' });
    await deliver(deliveries[0] as Delivery, hurried);
    expect((await current(deliveries[0] as Delivery)).attempts).toMatchObject([{ error: 'timeout' }]);
    await all(hurried);
    expect(receiver.requests).toHaveLength(1);
    pass(126);
    await all(hurried);
    expect(receiver.requests).toHaveLength(2);
    // Somebody asks for one of them at once: the pause is over, but there is still one at a time.
    await stores.webhooks.endPause(await stores.webhooks.get(webhook));
    pass(501);
    await all(hurried);
    expect(receiver.requests).toHaveLength(3);
    receiver.fault = () => undefined;
    pass(1_001);
    await all(plenty);
    expect(receiver.requests).toHaveLength(4);
    pass(10);
    await all(plenty);
    expect(receiver.requests).toHaveLength(6);
    for (const delivery of deliveries) expect((await current(delivery)).status).toBe('delivered');
    expect(await stores.webhooks.get(webhook)).toEqual(webhook);
  });
});

describe('GIVEN an address where no webhook may be', () => {
  it.each([
    { name: 'instance metadata', url: 'http://169.254.169.254/latest', guard: new ConnectionGuard(true) },
    { name: 'a name that leads into a private network', url: 'https://localhost/', guard: new ConnectionGuard(false) },
    { name: 'plain http', url: 'http://example.org/', guard: new ConnectionGuard(false) },
  ])('WHEN it is $name THEN nothing is sent, and the log says so', async ({ url, guard }) => {
    const delivery = await due(await newWebhook({ url }));
    await deliver(delivery, { guard });
    expect((await current(delivery)).attempts).toMatchObject([
      { error: 'forbidden_address', detail: /nothing was sent/ },
    ]);
  });
});

describe('GIVEN a function that is killed', () => {
  it('WHEN it was after the attempt THEN the message comes again, waits for the time of an attempt and is sent', async () => {
    const delivery = await due(await newWebhook());
    await stores.deliveries.begin(delivery, new Date(now + 6_000).toISOString());
    expect(await deliver(delivery)).toEqual({ kind: 'again', delaySeconds: 6 });
    pass(6);
    expect(await deliver(delivery)).toEqual({ kind: 'done' });
    expect(await current(delivery)).toMatchObject({ status: 'delivered', tries: 2 });
  });

  it('WHEN it was in the last attempt THEN there is no other, and the delivery ends', async () => {
    const delivery = await due(await newWebhook());
    await stores.deliveries.begin({ ...delivery, tries: 0 }, new Date(now).toISOString());
    expect(await deliver(delivery, { plan: { ...plan, attempts: 1 } })).toEqual({ kind: 'done' });
    expect(receiver.requests).toEqual([]);
    expect(await current(delivery)).toMatchObject({ status: 'failed', problem: 'attempts_exhausted' });
  });

  it('WHEN the message of an earlier round comes THEN it does nothing', async () => {
    const delivery = await due(await newWebhook());
    const next = await stores.deliveries.reopen(delivery);
    expect(await stores.deliveries.reopen(delivery)).toBeUndefined();
    expect(await deliver(delivery)).toEqual({ kind: 'done' });
    expect(receiver.requests).toEqual([]);
    await deliver(next as Delivery);
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('GIVEN as many webhooks as an account may have', () => {
  it('WHEN more come at the same moment THEN none gets in, until one is deleted', async () => {
    const first = await newWebhook();
    const { accountId } = first;
    const attempts = Array.from({ length: 6 }, () => {
      const webhook = { ...first, webhookId: randomUUID() };
      return stores.webhooks.create(webhook, 3).then(
        () => 'created',
        (error: { code: string }) => error.code,
      );
    });
    const outcomes = await Promise.all(attempts);
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(2);
    expect(outcomes.filter((outcome) => outcome === 'too_many_webhooks')).toHaveLength(4);
    expect([await stores.webhooks.delete(first), await stores.webhooks.delete(first)]).toEqual([true, false]);
    await stores.webhooks.create({ ...first, webhookId: randomUUID() }, 3);
    expect(await stores.webhooks.list(accountId)).toHaveLength(3);
  });
});
