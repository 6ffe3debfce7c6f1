import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { noCounts } from '../../lambdas/model/action.ts';
import { endEventOf, endEventSchema } from '../../lambdas/model/end-event.ts';
import { pauseAfter } from '../../lambdas/model/retry-plan.ts';
import { endDelivery, newWebhookSecret, type Webhook } from '../../lambdas/model/webhook.ts';
import { signatureOf } from '../../lambdas/model/webhook-signature.ts';
import { newAction } from '../support/actions.ts';
import { isGenuine } from '../support/webhook-receiver.ts';

const secret = newWebhookSecret();

describe('the signature', () => {
  it('GIVEN a body and a time WHEN signed THEN it is the HMAC of both', () => {
    const digest = createHmac('sha256', 'key').update('1700000000.{"a":1}').digest('hex');
    expect(signatureOf('key', '{"a":1}', 1_700_000_000)).toBe(`t=1700000000,v1=${digest}`);
  });

  it('GIVEN the code on the page WHEN it verifies a delivery THEN only what is genuine passes', () => {
    const now = 1_700_000_000;
    const body = '{"status":"completed"}';
    const signature = signatureOf(secret, body, now);
    expect(isGenuine(secret, signature, body, now + 299)).toBe(true);
    expect(isGenuine(secret, signature, body, now + 301)).toBe(false);
    expect(isGenuine(secret, signature, body.replace('completed', 'failed'), now)).toBe(false);
    expect(isGenuine(newWebhookSecret(), signature, body, now)).toBe(false);
    expect(isGenuine(secret, signature.replace(`t=${now}`, `t=${now + 1}`), body, now)).toBe(false);
    for (const wrong of ['', 't=1', 'v1=', `t=${now},v1=zz`]) expect(isGenuine(secret, wrong, body, now)).toBe(false);
  });
});

describe('the pauses between attempts', () => {
  const plan = { attempts: 8, firstSeconds: 30, longestSeconds: 39_600 };
  const pauses = (random: number) => [1, 2, 3, 4, 5, 6, 7].map((failures) => pauseAfter(failures, plan, random));

  it('GIVEN the plan of production WHEN all fail THEN each is four times as long as the last, up to the longest', () => {
    expect(pauses(0.5)).toEqual([30, 120, 480, 1_920, 7_680, 30_720, 39_600]);
    const hours = pauses(0.5).reduce((sum, seconds) => sum + seconds) / 3_600;
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(24);
  });

  it('GIVEN chance WHEN it is at its ends THEN a pause is a quarter off, and never over the longest', () => {
    expect(pauses(0)).toEqual([23, 90, 360, 1_440, 5_760, 23_040, 29_700]);
    expect(pauses(1)).toEqual([38, 150, 600, 2_400, 9_600, 38_400, 39_600]);
    expect(pauseAfter(1, { ...plan, firstSeconds: 1 }, 0)).toBe(1);
  });
});

describe('a delivery', () => {
  const webhook: Webhook = {
    accountId: 'acme',
    webhookId: 'w-1',
    url: 'https://example.org',
    events: ['completed'],
    secret,
    status: 'enabled',
    createdAt: '2026-01-01T00:00:00.000Z',
    failures: 0,
  };
  const ended = (finishedAt: string, run = 0) =>
    endEventOf(newAction({ actionId: 'a-1', status: 'completed', run, counts: { ...noCounts, rows: 1 }, finishedAt }));

  it('GIVEN an event WHEN it comes twice THEN it is one delivery; another run or webhook has its own', () => {
    const event = endEventSchema.parse(JSON.parse(JSON.stringify(ended('2026-01-02T03:04:05.678Z'))));
    const [first, again] = [endDelivery(webhook, event), endDelivery(webhook, event)];
    expect(again).toEqual(first);
    const others = [
      endDelivery({ ...webhook, webhookId: 'w-2' }, event),
      endDelivery(webhook, ended(event.finishedAt, 1)),
    ];
    expect(new Set([first, ...others].map(({ deliveryId }) => deliveryId)).size).toBe(3);
  });

  it('GIVEN events one after the other WHEN their deliveries are sorted by id THEN they are in that order', () => {
    const times = ['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.679Z', '2031-01-01T00:00:00.000Z'];
    const ids = times.map((time) => endDelivery(webhook, ended(time)).deliveryId);
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('GIVEN a delivery WHEN its text is read THEN it has figures and the way to the report, and no secret', () => {
    const { body } = endDelivery(webhook, ended('2026-01-02T03:04:05.678Z'));
    expect(JSON.parse(body)).toMatchObject({
      type: 'bulk_action.ended',
      createdAt: '2026-01-02T03:04:05.678Z',
      status: 'completed',
      counts: { rows: 1 },
      reportUrl: '/api/bulk-actions/a-1/report',
    });
    expect(body).not.toContain(secret);
  });
});
