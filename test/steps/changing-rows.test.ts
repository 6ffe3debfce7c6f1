import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntityOutcome, EntityRequest, EntityTarget } from '../../lambdas/entities/entity-target.ts';
import type { BulkAction } from '../../lambdas/model/action.ts';
import { batchMessageSchema } from '../../lambdas/model/batch-message.ts';
import { rowScopeOf } from '../../lambdas/model/row-scope.ts';
import type { StagedRow } from '../../lambdas/model/staged-row.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { dispatchChunk } from '../../lambdas/steps/dispatch-chunk.ts';
import { identifyChunk } from '../../lambdas/steps/identify-chunk.ts';
import { processBatch } from '../../lambdas/steps/process-batch.ts';
import { reviveRows } from '../../lambdas/steps/revive-rows.ts';
import { settleChunk } from '../../lambdas/steps/settle-chunk.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { answersOf, firstChunk, inputOf, stagedAction } from './step-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const own = { processName: 'contactUpsert', action: 'upsert', rowScope: 'action' } as const;

/** Rows as they were planned: a new contact, two changes, one that was known, and one that shares its phone number. */
const rows: StagedRow[] = [
  { rowNumber: 2, uniqueIdentifier: 'email:a@x.org', effect: 'created', entityId: 'new-a', data: { email: 'a@x.org' } },
  {
    rowNumber: 3,
    uniqueIdentifier: 'email:b@x.org',
    effect: 'updated',
    entityId: 'b',
    data: { email: 'b@x.org', phone: null },
  },
  {
    rowNumber: 4,
    uniqueIdentifier: 'phone:+1',
    effect: 'created',
    entityId: 'new-c',
    data: { phone: '+1', lastName: 'C' },
  },
  { rowNumber: 5, uniqueIdentifier: 'email:d@x.org', effect: 'known', entityId: 'd' },
  { rowNumber: 6, uniqueIdentifier: 'email:e@x.org', duplicateOf: 4, duplicateIn: 'phone' },
];

/** Does as planned, but for what it is told. */
class ToldTarget implements EntityTarget {
  readonly keepsEntityId = true;
  readonly asked: EntityRequest[] = [];
  private readonly told: Record<string, EntityOutcome>;

  constructor(told: Record<string, EntityOutcome>) {
    this.told = told;
  }

  async apply(requests: readonly EntityRequest[]): Promise<EntityOutcome[]> {
    this.asked.push(...requests);
    return requests.map(
      ({ uniqueIdentifier, entityId, effect = 'created' }) =>
        this.told[uniqueIdentifier] ?? { kind: 'done', entityId, effect },
    );
  }
}

/** From its staged rows to their answers. */
async function run(action: BulkAction, target: EntityTarget, batchRows = 100) {
  const before = stores.queued().length;
  const identified = await identifyChunk(stores, { ...inputOf(action), chunk: firstChunk }, requireProcess);
  const plan = await reviveRows(stores, { ...inputOf(action), identified: [identified] }, requireProcess, batchRows);
  for (const dispatched of plan.dispatch) {
    await dispatchChunk(stores, { ...inputOf(action), ...dispatched, totalBatches: plan.totalBatches });
  }
  const messages = stores
    .queued()
    .slice(before)
    .map((body) => batchMessageSchema.parse(body));
  const process = requireProcess(action.processName);
  for (const message of messages) {
    await processBatch(stores, message, { process, target, receiveCount: 1, deliveries: 3 });
  }
  const settled = await settleChunk(stores, { ...inputOf(action), chunk: firstChunk, mode: 'count' }, requireProcess);
  return { identified, messages, counts: settled.counts };
}

describe('GIVEN rows whose effects are planned', () => {
  it('WHEN all comes as planned THEN each answers so, and is tracked by its action alone', async () => {
    const target = new ToldTarget({});
    const action = await stagedAction(stores, rows, { ...own, status: 'validating' });
    const { identified, counts } = await run(action, target);
    expect(identified).toMatchObject({ pending: 3, known: 1 });
    expect(counts).toEqual({ rows: 5, created: 2, updated: 1, known: 1, duplicate: 1 });
    expect(target.asked.map(({ entityId, effect, unique, missing }) => [entityId, effect, unique, missing])).toEqual([
      ['new-a', 'created', { email: 'a@x.org' }, ['lastName']],
      ['b', 'updated', { email: 'b@x.org' }, ['lastName']],
      ['new-c', 'created', { phone: '+1' }, undefined],
    ]);
    const tracked = await stores.tracking.read(rowScopeOf(action), ['email:a@x.org', 'email:b@x.org'], true);
    expect([...tracked.values()].map(({ effect }) => effect)).toEqual([undefined, undefined]);
    expect((await answersOf(stores, action)).at(-1)?.errors?.[0]).toMatchObject({ column: 'phone' });
    expect(await stores.actions.progress(action)).toMatchObject({ created: 2, updated: 1, deleted: 0, failed: 0 });

    const twin = await stagedAction(stores, rows, { ...own, status: 'validating', referenceId: action.referenceId });
    expect((await run(twin, target)).counts).toEqual(counts);
  });

  it('WHEN somebody came between THEN the row answers what it did, to which entity', async () => {
    const error = { code: 'value_taken', message: 'Taken.' };
    const target = new ToldTarget({
      'email:a@x.org': { kind: 'done', entityId: 'a', effect: 'updated' },
      'email:b@x.org': { kind: 'refused', error },
    });
    const action = await stagedAction(stores, rows, { ...own, status: 'validating' });
    expect((await run(action, target)).counts).toEqual({
      rows: 5,
      created: 1,
      updated: 1,
      known: 1,
      duplicate: 1,
      failed: 1,
    });
    const [first, second] = await answersOf(stores, action);
    expect(first).toMatchObject({ answer: 'updated', entityId: 'a' });
    expect(second).toMatchObject({ answer: 'failed', errors: [error] });
  });

  it('WHEN batches are to be smaller THEN they are, numbered through', async () => {
    const action = await stagedAction(stores, rows, { ...own, status: 'validating' });
    const { messages, counts } = await run(action, new ToldTarget({}), 2);
    expect(messages.map(({ currentBatchNumber, totalBatchNumber }) => [currentBatchNumber, totalBatchNumber])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(counts.created).toBe(2);
  });
});
