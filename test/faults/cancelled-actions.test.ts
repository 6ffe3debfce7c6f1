import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { BulkActionView } from '../../lambdas/model/api.ts';
import type { AwsRequest, Interception } from '../../local/faults/aws-interceptor.ts';
import { awsError } from '../support/aws-answers.ts';
import { type BootedStack, bootStack } from '../support/boot-stack.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { expectExactlyOnce } from '../support/entities.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';

const processName = 'facilityCreation';
const rowCount = 1_000;
const sheet = facilitySheet(facilities(rowCount));
const writeMs = 100;
const promisedMs = 5_000;

/** When entities of a reference were last written. */
const lastWrite = new Map<string, number>();
/** References in which a batch dies between its entities and its rows. */
const dying = new Set<string>();
/** References in which no more than so many groups of entities are written: the store throttles all others. */
const groupsLeft = new Map<string, number>();
const throttled = awsError('com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException');

async function interceptor({ functionName, operation, body }: AwsRequest): Promise<Interception> {
  if (!functionName.endsWith('process-batch') || operation !== 'BatchExecuteStatement') return 'pass';
  const [referenceId = ''] = /cmp-[0-9a-f-]{36}/.exec(body) ?? [];
  if (!body.includes('INSERT INTO')) return dying.has(referenceId) ? 'kill-before' : 'pass';
  const left = groupsLeft.get(referenceId) ?? Number.POSITIVE_INFINITY;
  groupsLeft.set(referenceId, left - 1);
  if (left <= 0) return throttled;
  await delay(writeMs);
  lastWrite.set(referenceId, Date.now());
  return 'pass';
}

let stack: BootedStack;
let client: RollcallClient;
beforeAll(async () => {
  stack = await bootStack(inject('assembly'), { interceptor, redeliverAfterSeconds: 1 });
  client = new RollcallClient(stack.address);
});
afterAll(() => stack.local.stop());

async function submit(groups = Number.POSITIVE_INFINITY) {
  const referenceId = newReference();
  groupsLeft.set(referenceId, groups);
  return { referenceId, actionId: await client.submit({ referenceId, processName }, csvFile(sheet)) };
}

/** Cancels an action and holds it to all that a cancellation promises. */
async function cancel({ actionId, referenceId }: { actionId: string; referenceId: string }) {
  const answer = await client.post<BulkActionView>(`/api/bulk-actions/${actionId}/cancel`);
  const answeredAt = Date.now();
  expect(answer.status).toBe(202);
  const { action, rows } = await expectConserved(client, actionId);
  expect(action).toMatchObject({ status: 'cancelled', cancelRequestedAt: expect.any(String) });
  expect((lastWrite.get(referenceId) ?? 0) - answeredAt).toBeLessThan(promisedMs);
  await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  return { action, rows };
}

describe.concurrent('GIVEN an action under way', () => {
  it.each([0, 300, 1_000, 2_500])('WHEN it is cancelled after %i ms THEN every row answers', async (afterMs) => {
    const submitted = await submit();
    await delay(afterMs * (0.5 + Math.random()));
    await cancel(submitted);
  });

  it('WHEN it is cancelled amid its entities THEN the rest is cancelled, and a later sheet takes it up', async () => {
    const { actionId, referenceId } = await submit(14);
    await client.until(actionId, () => (groupsLeft.get(referenceId) ?? 0) < 0);
    const { action } = await cancel({ actionId, referenceId });
    groupsLeft.delete(referenceId);
    expect(action.counts.cancelled).toBeGreaterThan(0);
    expect(action.counts.created).toBeGreaterThan(0);

    const other = facilitySheet(facilities(10, rowCount + 1));
    const unrelated = await client.submit({ referenceId, processName }, csvFile(other));
    expect((await expectConserved(client, unrelated, other)).action).toMatchObject({
      counts: { created: 10 },
      revived: { rows: 0 },
    });

    const again = await client.submit({ referenceId, processName }, csvFile(sheet));
    const { counts } = (await expectConserved(client, again, sheet)).action;
    expect(counts).toMatchObject({ known: action.counts.created, created: action.counts.cancelled });
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });

  it('WHEN it is cancelled while batches die after their entities THEN those rows count as created', async () => {
    const { actionId, referenceId } = await submit(14);
    dying.add(referenceId);
    await client.until(actionId, () => (groupsLeft.get(referenceId) ?? 0) < 0);
    const { action } = await cancel({ actionId, referenceId });
    expect(action.counts.created).toBeGreaterThan(0);
  });
});
