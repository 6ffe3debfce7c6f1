import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noCounts } from '../../lambdas/model/action.ts';
import type { MappingProgress, MappingRunInput } from '../../lambdas/model/mapping-steps.ts';
import { findProcess } from '../../lambdas/processes/registry.ts';
import { checkMappings, failMapping } from '../../lambdas/steps/check-mappings.ts';
import { claimMapping, claimOrSucceed } from '../../lambdas/steps/claim-mapping.ts';
import { collectMappings } from '../../lambdas/steps/collect-mappings.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const alive = { isRunning: async () => true };
const dead = { isRunning: async () => false };
const patience = { cycles: 4, waitSeconds: 6 };

/** A reference whose facilities are wanted at B1, and a run that has its mapping. */
async function mappingRun(facilities: readonly string[], own: Partial<MappingRunInput> = {}) {
  const reference = { accountId: 'acme', referenceId: `cmp-${randomUUID()}` };
  const action = { ...reference, processName: 'facilityCreation', actionId: 'a-1' };
  await stores.references.claim(action);
  await stores.references.release(action, { clean: true, counts: noCounts });
  const scope = { ...reference, type: 'facility' as const };
  const pairs = facilities.map((uniqueIdentifier) => ({ uniqueIdentifier, boundaryCode: 'B1' }));
  await stores.mapping.insert(scope, action, pairs);
  const until = new Date(Date.now() + 600_000).toISOString();
  const input = { ...reference, execution: `arn:run:${randomUUID()}`, cycle: 0, until, ...own };
  expect(await claimMapping({ ...stores, executions: alive }, input)).toMatchObject({ outcome: 'claimed' });
  return { reference, scope, pairs, input };
}

const result = (own: Partial<MappingProgress>): MappingProgress => ({
  done: true,
  from: 1,
  left: 0,
  worthRetrying: 0,
  retryAfterSeconds: 0,
  ...own,
});

describe('the final check of a cycle', () => {
  const check = (input: MappingRunInput, ...results: MappingProgress[]) =>
    checkMappings(stores, { ...input, results }, patience, findProcess);

  it('GIVEN nothing left WHEN checked THEN the run is completed, its figures are kept and the mapping is free', async () => {
    const { input, reference, scope, pairs } = await mappingRun(['F1', 'F2']);
    await stores.mapping.setMapped(
      scope,
      pairs.map((pair) => ({ ...pair, mappingId: 'm' })),
    );
    expect(await check(input, result({}))).toMatchObject({ outcome: 'completed' });
    expect(await stores.mappingRuns.get(reference)).toMatchObject({ status: 'completed', execution: input.execution });
    expect(await stores.mappingRuns.figures(reference)).toEqual([
      { type: 'facility', toBeMapped: 0, mapped: 2, toBeDetached: 0, detached: 0, failed: 0 },
    ]);
    expect(await stores.mappingRuns.claim(reference, 'arn:run:next')).toBe(true);
    // Whoever was killed before it could say so says the same when it comes again, and takes nothing from the next.
    expect(await check(input, result({}))).toMatchObject({ outcome: 'completed' });
    expect(await stores.mappingRuns.holder(reference)).toBe('arn:run:next');
  });

  it.each([
    { cycle: 0, waitSeconds: 2 },
    { cycle: 1, waitSeconds: 4 },
    { cycle: 2, waitSeconds: 6 },
  ])(
    'GIVEN a failure that may pass WHEN cycle $cycle ends THEN it waits $waitSeconds s and goes again',
    async ({ cycle, waitSeconds }) => {
      const { input } = await mappingRun(['F1'], { cycle });
      const left = result({ left: 1, worthRetrying: 1 });
      expect(await check(input, left)).toEqual({ outcome: 'again', waitSeconds, cycle: cycle + 1 });
    },
  );

  it('GIVEN a service that asked for more time WHEN checked THEN it gets it', async () => {
    const { input } = await mappingRun(['F1']);
    const left = result({ left: 1, worthRetrying: 1, retryAfterSeconds: 40.2 });
    expect(await check(input, left)).toMatchObject({ outcome: 'again', waitSeconds: 41 });
  });

  it('GIVEN pairs that came while the batches ran WHEN checked THEN they are collected at once', async () => {
    const { input } = await mappingRun(['F1']);
    expect(await check(input, result({}))).toEqual({ outcome: 'again', waitSeconds: 0, cycle: 1 });
  });

  it.each([
    { why: 'no cycle is left', own: { cycle: 3 }, left: { left: 1, worthRetrying: 1 } },
    { why: 'nothing left will fare better', own: {}, left: { left: 1 } },
    {
      why: 'the deadline comes first',
      own: { until: new Date(Date.now() + 1_000).toISOString() },
      left: { left: 1, worthRetrying: 1 },
    },
  ])('GIVEN something left WHEN $why THEN the mapping is failed and free', async ({ own, left }) => {
    const { input, reference } = await mappingRun(['F1'], own);
    expect(await check(input, result(left))).toMatchObject({ outcome: 'failed' });
    expect(await stores.mappingRuns.get(reference)).toMatchObject({ status: 'failed' });
    expect(await stores.mappingRuns.holder(reference)).toBeUndefined();
  });

  it('GIVEN a run that broke WHEN it is failed THEN what is left is counted and the mapping is free', async () => {
    const { input, reference } = await mappingRun(['F1', 'F2']);
    await failMapping(stores, input, findProcess);
    expect(await stores.mappingRuns.get(reference)).toMatchObject({ status: 'failed' });
    expect(await stores.mappingRuns.figures(reference)).toMatchObject([{ type: 'facility', toBeMapped: 2 }]);
  });
});

describe('the claim of a reference', () => {
  it('GIVEN a run under way WHEN another comes THEN it waits, and gives up at its deadline', async () => {
    const { input } = await mappingRun([]);
    const other = { ...input, execution: 'arn:run:other' };
    const claim = (until: string) => claimMapping({ ...stores, executions: alive }, { ...other, until });
    expect(await claim(input.until)).toMatchObject({ outcome: 'busy' });
    await expect(claim(new Date(Date.now() - 1_000).toISOString())).rejects.toThrow('until the deadline');
  });

  it('GIVEN a run that ended without a word WHEN several others come THEN one of them takes over', async () => {
    const { reference } = await mappingRun([]);
    const others = Array.from({ length: 5 }, (_, index) => `arn:run:${index}`);
    const taken = await Promise.all(
      others.map((execution) =>
        claimOrSucceed(
          { ...stores, executions: { isRunning: async (arn) => others.includes(arn) } },
          reference,
          execution,
        ),
      ),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
    const holder = await stores.mappingRuns.holder(reference);
    expect(holder).toBe(others[taken.indexOf(true)]);
    expect(await claimOrSucceed({ ...stores, executions: dead }, reference, 'arn:run:late')).toBe(true);
  });
});

describe('the collection', () => {
  it('GIVEN pairs of both directions WHEN collected THEN each is in one list of its direction, and settled ones in none', async () => {
    const { input, scope, pairs } = await mappingRun(Array.from({ length: 1_203 }, (_, index) => `F${index}`));
    const attached = pairs.slice(0, 3).map((pair) => ({ ...pair, mappingId: 'm' }));
    await stores.mapping.setMapped(scope, attached);
    for (const mapping of await stores.mapping.read(scope, attached.slice(0, 2))) {
      if (mapping) await stores.mapping.change(scope, mapping, 'to_be_detached');
    }
    const { lists } = await collectMappings(stores, input, findProcess);
    const found = { attach: new Set<string>(), detach: new Set<string>() };
    for (const { key, direction, ...list } of lists) {
      expect(list).toEqual({ processName: 'facilityCreation', type: 'facility' });
      for await (const group of stores.bucket.readLines<{ uniqueIdentifier: string }>(key, 1_000)) {
        for (const { uniqueIdentifier } of group) found[direction].add(uniqueIdentifier);
      }
    }
    expect(lists.map(({ direction }) => direction).sort()).toEqual(['attach', 'attach', 'detach']);
    expect([found.attach.size, [...found.detach].sort()]).toEqual([1_200, ['F0', 'F1']]);
  });
});
