import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AwsRequest, Interception } from '../../local/faults/aws-interceptor.ts';
import { awsError } from '../support/aws-answers.ts';
import { type BootedStack, bootStack } from '../support/boot-stack.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { expectExactlyOnce } from '../support/entities.ts';
import { facilities, facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';

const processName = 'facilityCreation';
const refusal = awsError('com.amazonaws.dynamodb.v20120810#ValidationException');

/** Batches with a name in them that is listed here fail: at the entity's creation, or when its success is noted. */
const uncreatable = new Set<string>();
const unnotable = new Set<string>();

/** All requests to create entities. */
const creations: string[] = [];
const creates = /INSERT INTO [^ ]*Registry/;
const notesSuccess = /'status':'success'/;

function interceptor({ functionName, operation, body }: AwsRequest): Interception {
  if (!functionName.endsWith('process-batch') || operation !== 'BatchExecuteStatement') return 'pass';
  if (creates.test(body)) creations.push(body);
  const listed = creates.test(body) ? uncreatable : notesSuccess.test(body) ? unnotable : [];
  return [...listed].some((name) => body.includes(name)) ? refusal : 'pass';
}

let stack: BootedStack;
let client: RollcallClient;
beforeAll(async () => {
  stack = await bootStack(inject('assembly'), {
    interceptor,
    redeliverAfterSeconds: 1,
    // As on AWS, where the bulk writes of a batch are all under way before one of them fails.
    environmentOverrides: { '*': { BULK_WRITE_CALLS: '8' } },
  });
  client = new RollcallClient(stack.address);
});
afterAll(() => stack.local.stop());

/** An action whose first batch of 100 rows fails at every delivery, while its 50 other rows become entities. */
async function halfFailed(failing: Set<string>) {
  const referenceId = newReference();
  const poison = `Poison ${referenceId}`;
  const rows = [facility(poison), ...facilities(149)];
  failing.add(poison);
  const sheet = facilitySheet(rows);
  const actionId = await client.submit({ referenceId, processName }, csvFile(sheet));
  const outcome = await expectConserved(client, actionId, sheet);
  failing.delete(poison);
  return { referenceId, submitted: rows, sheet, actionId, ...outcome };
}

// Side by side: each waits for its own batch to fail five times.
describe.concurrent('GIVEN rows whose batch failed at every delivery', () => {
  it('WHEN the action ends THEN each of them says so, and the others are created', async () => {
    const { action, rows } = await halfFailed(uncreatable);
    expect(action).toMatchObject({
      status: 'completed_with_failures',
      counts: { rows: 150, created: 50, failed: 100 },
    });
    const codes = new Set(rows.filter(({ answer }) => answer === 'failed').map(({ errors }) => errors?.[0]?.code));
    expect(codes).toEqual(new Set(['not_processed_after_retries']));
  });

  it('WHEN the action is retried THEN only they run', async () => {
    const { actionId, referenceId, sheet } = await halfFailed(uncreatable);
    expect((await client.post(`/api/bulk-actions/${actionId}/retry`)).status).toBe(202);
    const { action, report } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({
      status: 'completed',
      run: 1,
      counts: { rows: 150, created: 150 },
      batches: { total: 1 },
    });
    expect(report.failed).toBeUndefined();
    expect(await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId })).toHaveLength(150);
  });

  it('WHEN the retry is asked for many times at once THEN it is one run', async () => {
    const { actionId, referenceId, sheet } = await halfFailed(uncreatable);
    const retries = await Promise.all(
      Array.from({ length: 5 }, () => client.post(`/api/bulk-actions/${actionId}/retry`)),
    );
    expect(retries.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409]);
    expect((await expectConserved(client, actionId, sheet)).action).toMatchObject({ status: 'completed', run: 1 });
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });

  it('WHEN another sheet comes THEN they are picked up again, counted apart', async () => {
    const { referenceId } = await halfFailed(uncreatable);
    const other = facilitySheet(facilities(5, 500));
    const { action, report } = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(other)),
      other,
    );
    expect(action).toMatchObject({
      status: 'completed',
      counts: { rows: 5, created: 5 },
      revived: { rows: 100, created: 100, failed: 0 },
    });
    expect(report.revived?.rows.map((row) => row.at(-3))).toEqual(Array.from({ length: 100 }, () => 'created'));
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });

  it('WHEN a file that is no sheet comes in between THEN they are still picked up by the next', async () => {
    const { referenceId } = await halfFailed(uncreatable);
    const wrong = await client.submit(
      { referenceId, processName },
      { fileName: 'a.pdf', content: Buffer.from('%PDF-1.7') },
    );
    expect((await client.ended(wrong)).problem?.code).toBe('unsupported_format');
    const other = facilitySheet(facilities(1, 500));
    const { action } = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(other)),
      other,
    );
    expect(action).toMatchObject({ status: 'completed', revived: { rows: 100, created: 100 } });
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });

  it.each([
    { name: 'before their entities were there', failing: uncreatable, failed: 100 },
    // Successes are noted 25 at a time, and only those with the poison in their midst can't be.
    { name: 'after their entities were there', failing: unnotable, failed: 25 },
  ])('WHEN they failed $name and come corrected THEN they have the new values', async ({ failing, failed }) => {
    const { referenceId, submitted } = await halfFailed(failing);
    const corrected = facilitySheet(submitted.map((row) => ({ ...row, capacity: '77' })));
    const again = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(corrected)),
      corrected,
    );
    expect(again.action).toMatchObject({
      status: 'completed',
      counts: { created: failed, known: 150 - failed },
      revived: { rows: 0 },
    });
    const entities = await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
    expect(entities.filter(({ data }) => data.capacity === 77)).toHaveLength(failed);
  });
});

describe('GIVEN a poisonous batch among others', () => {
  it('WHEN they are handled together THEN its neighbours are done once and for all', async () => {
    const referenceId = newReference();
    const poison = `Poison ${referenceId}`;
    uncreatable.add(poison);
    // Three batches, sent and received together.
    const sheet = facilitySheet([
      facility(poison),
      ...facilities(299).map((row) => ({ ...row, facilityName: `${referenceId} ${row.facilityName}` })),
    ]);
    const actionId = await client.submit({ referenceId, processName }, csvFile(sheet));
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action.counts).toMatchObject({ created: 200, failed: 100 });
    expect(creations.filter((body) => body.includes(`${referenceId} Facility 299`))).toHaveLength(1);
  });
});
