import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BoundaryRegistry } from '../../lambdas/entities/boundary-registry.ts';
import type { BoundaryRequest, BoundaryTarget, MappingOutcome } from '../../lambdas/entities/boundary-target.ts';
import {
  type Mapping,
  type MappingPair,
  type MappingScope,
  type MappingStatus,
  mappingIdOf,
} from '../../lambdas/model/mapping.ts';
import type { MapInput, MappingDirection } from '../../lambdas/model/mapping-steps.ts';
import { mapBatches } from '../../lambdas/steps/map-batches.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const minutes = { remainingMs: () => 600_000 };
const origin = { processName: 'facilityCreation', actionId: 'a-1' };

/** A target that answers as it is told, and remembers what it was asked. */
class ToldTarget implements BoundaryTarget {
  readonly asked: BoundaryRequest[] = [];
  readonly batches: number[] = [];
  private readonly answer: (request: BoundaryRequest) => MappingOutcome | Promise<MappingOutcome>;

  constructor(answer: ToldTarget['answer']) {
    this.answer = answer;
  }

  attach = (requests: readonly BoundaryRequest[]) => this.all(requests);
  detach = (requests: readonly BoundaryRequest[]) => this.all(requests);

  private all(requests: readonly BoundaryRequest[]): Promise<MappingOutcome[]> {
    this.asked.push(...requests);
    this.batches.push(requests.length);
    return Promise.all(requests.map((request) => this.answer(request)));
  }
}

const mapped = new ToldTarget(({ boundaryCode }) => ({ kind: 'done', mappingId: `m-${boundaryCode}` }));
const transient: MappingOutcome = {
  kind: 'transient',
  error: { code: 'service_busy', message: 'The service is busy.' },
  retryAfterSeconds: 7,
};

/** A reference with facilities of which some exist, each wanted at boundary B1. */
async function reference({ created, missing = [] }: { created: readonly string[]; missing?: readonly string[] }) {
  const scope: MappingScope = { accountId: 'acme', referenceId: `cmp-${randomUUID()}`, type: 'facility' };
  const rows = { ...scope, type: 'facilityCreation' };
  const all = [...created, ...missing];
  await stores.tracking.insertPending(
    rows,
    'a-1',
    all.map((uniqueIdentifier, index) => ({ uniqueIdentifier, rowNumber: index + 2, data: {} })),
  );
  await stores.tracking.markSuccess(rows, 'a-1', created);
  const pairs = all.map((uniqueIdentifier) => ({ uniqueIdentifier, boundaryCode: 'B1' }));
  await stores.mapping.insert(scope, origin, pairs);
  const input = async (direction: MappingDirection): Promise<MapInput> => {
    const key = `mapping/acme/${scope.referenceId}/x/0/${direction}-0000.ndjson`;
    await stores.bucket.putLines(key, pairs);
    return {
      accountId: scope.accountId,
      referenceId: scope.referenceId,
      until: new Date(Date.now() + 3_600_000).toISOString(),
      list: { key, direction, processName: 'facilityCreation', type: 'facility' },
      progress: { done: false, from: 0, left: 0, worthRetrying: 0, retryAfterSeconds: 0 },
    };
  };
  const found = async () => (await stores.mapping.read(scope, pairs)) as Mapping[];
  const unwanted = async () => {
    for (const mapping of await found()) await stores.mapping.change(scope, mapping, 'to_be_detached');
  };
  return { scope, pairs, input, found, unwanted };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `F${index}`);

describe('a list of pairs to attach', () => {
  it('GIVEN the embedded registry WHEN mapped twice THEN every pair is mapped once, under an id that follows from it', async () => {
    const { input, found, scope, pairs } = await reference({ created: names(250) });
    const target = new BoundaryRegistry(stores.registry);
    const list = await input('attach');
    expect(await mapBatches(stores, list, { target, ...minutes })).toMatchObject({ done: true, from: 250, left: 0 });
    expect(await mapBatches(stores, list, { target, ...minutes })).toMatchObject({ done: true, left: 0 });
    const mappings = await found();
    expect(mappings.every(({ status }) => status === 'mapped')).toBe(true);
    expect(mappings.map(({ mappingId }) => mappingId)).toEqual(pairs.map((pair) => mappingIdOf(scope, pair)));
  });

  it('GIVEN a pair that was given up and kept again WHEN the registry maps it THEN it is mapped under the same id', async () => {
    const { input, found, scope, pairs } = await reference({ created: ['Facility A'] });
    const target = new BoundaryRegistry(stores.registry);
    await mapBatches(stores, await input('attach'), { target, ...minutes });
    const change = async (to: MappingStatus, more = {}) =>
      stores.mapping.change(scope, (await found())[0] as Mapping, to, more);
    await change('to_be_detached');
    await mapBatches(stores, await input('detach'), { target, ...minutes });
    expect(await found()).toMatchObject([{ status: 'detached', mappingId: null }]);
    // Its item has no id now, foreseen or given.
    await change('to_be_mapped', { mappingId: null });
    await mapBatches(stores, await input('attach'), { target, ...minutes });
    expect(await found()).toMatchObject([{ status: 'mapped', mappingId: mappingIdOf(scope, pairs[0] as MappingPair) }]);
  });

  it('GIVEN 250 pairs WHEN a service is asked THEN a hundred at a time, and for nothing that it has answered', async () => {
    const { input } = await reference({ created: names(250) });
    const target = new ToldTarget(({ uniqueIdentifier }) => ({ kind: 'done', mappingId: `m-${uniqueIdentifier}` }));
    const list = await input('attach');
    await mapBatches(stores, list, { target, ...minutes });
    await mapBatches(stores, list, { target, ...minutes });
    expect(target.batches.toSorted((a, b) => b - a)).toEqual([100, 100, 50]);
  });

  it('GIVEN an entity that does not exist WHEN mapped THEN nobody is asked, and the mapping says so', async () => {
    const { input, found } = await reference({ created: ['F1'], missing: ['F2'] });
    const target = new ToldTarget(() => ({ kind: 'done', mappingId: 'm' }));
    const result = await mapBatches(stores, await input('attach'), { target, ...minutes });
    expect(target.asked.map(({ uniqueIdentifier }) => uniqueIdentifier)).toEqual(['F1']);
    // Another cycle would find it missing as well.
    expect(result).toMatchObject({ left: 1, worthRetrying: 0 });
    expect((await found())[1]).toMatchObject({
      status: 'to_be_mapped',
      attempts: 1,
      lastError: expect.stringContaining('does not exist yet'),
    });
  });

  it('GIVEN failures WHEN mapped again THEN attempts are counted, the last reason kept, and success forgets both', async () => {
    const { input, found } = await reference({ created: ['F1', 'F2'] });
    const list = await input('attach');
    const refusing = new ToldTarget(({ uniqueIdentifier }) =>
      uniqueIdentifier === 'F1'
        ? transient
        : { kind: 'refused', error: { code: 'service_refused', message: 'No such boundary.' } },
    );
    expect(await mapBatches(stores, list, { target: refusing, ...minutes })).toMatchObject({
      left: 2,
      worthRetrying: 1,
      retryAfterSeconds: 7,
    });
    await mapBatches(stores, list, { target: refusing, ...minutes });
    expect(await found()).toMatchObject([
      { status: 'to_be_mapped', attempts: 2, lastError: 'The service is busy.' },
      { status: 'to_be_mapped', attempts: 2, lastError: 'No such boundary.' },
    ]);
    await mapBatches(stores, list, { target: mapped, ...minutes });
    const [first] = await found();
    expect(first).toMatchObject({ status: 'mapped', mappingId: 'm-B1', attempts: 0 });
    expect(first).not.toHaveProperty('lastError');
  });

  it('GIVEN a pair that is taken back while it is attached WHEN the answer comes THEN it is to be detached, not forgotten', async () => {
    const { input, found, scope } = await reference({ created: ['F1'] });
    const target = new ToldTarget(async () => {
      const [seen] = await found();
      expect(await stores.mapping.remove(scope, seen as Mapping)).toBe(true);
      return { kind: 'done', mappingId: 'm-late' };
    });
    await mapBatches(stores, await input('attach'), { target, ...minutes });
    expect(await found()).toMatchObject([{ status: 'to_be_detached', mappingId: 'm-late' }]);
  });

  it('GIVEN no time for all WHEN mapped THEN it says where it stopped and goes on there', async () => {
    const { input, found } = await reference({ created: names(1_250) });
    const list = await input('attach');
    const target = new BoundaryRegistry(stores.registry);
    let looks = 0;
    const short = { remainingMs: () => (++looks > 5 ? 1_000 : 600_000) };
    const first = await mapBatches(stores, list, { target, ...short });
    expect(first.done).toBe(false);
    expect(first.from).toBeGreaterThan(0);
    expect(await mapBatches(stores, { ...list, progress: first }, { target, ...minutes })).toMatchObject({
      done: true,
      from: 1_250,
      left: 0,
    });
    expect((await found()).every(({ status }) => status === 'mapped')).toBe(true);
  });

  it('GIVEN a run past its deadline WHEN mapped THEN the rest is left and nobody is asked', async () => {
    const { input } = await reference({ created: names(3) });
    const target = new ToldTarget(() => transient);
    const late = { ...(await input('attach')), until: new Date(Date.now() - 1_000).toISOString() };
    expect(await mapBatches(stores, late, { target, ...minutes })).toMatchObject({ done: true, left: 3 });
    expect(target.asked).toEqual([]);
  });
});

describe('a list of pairs to detach', () => {
  it('GIVEN mapped pairs WHEN detached twice THEN they are detached once, without an id, and may come back', async () => {
    const { input, found, unwanted } = await reference({ created: names(120) });
    const target = new BoundaryRegistry(stores.registry);
    await mapBatches(stores, await input('attach'), { target, ...minutes });
    await unwanted();
    const list = await input('detach');
    expect(await mapBatches(stores, list, { target, ...minutes })).toMatchObject({ done: true, left: 0 });
    expect(await mapBatches(stores, list, { target, ...minutes })).toMatchObject({ done: true, left: 0 });
    for (const mapping of await found()) expect(mapping).toMatchObject({ status: 'detached', mappingId: null });
  });

  it('GIVEN a pair that is wanted again after it was listed WHEN detached THEN it is attached once more, to be sure', async () => {
    const { input, found, unwanted, scope } = await reference({ created: ['F1'] });
    await mapBatches(stores, await input('attach'), { target: mapped, ...minutes });
    await unwanted();
    const [seen] = await found();
    await stores.mapping.change(scope, seen as Mapping, 'mapped');
    const target = new ToldTarget(() => ({ kind: 'done', mappingId: null }));
    await mapBatches(stores, await input('detach'), { target, ...minutes });
    expect(target.asked).toEqual([]);
    expect(await found()).toMatchObject([{ status: 'to_be_mapped', generation: 0 }]);
  });

  it('GIVEN a pair that is attached, detached and attached WHEN a service is asked THEN by a key of its own each time', async () => {
    const { input, found, unwanted, scope } = await reference({ created: ['F1'] });
    const target = new ToldTarget(() => ({ kind: 'done', mappingId: 'm' }));
    await mapBatches(stores, await input('attach'), { target, ...minutes });
    await unwanted();
    await mapBatches(stores, await input('detach'), { target, ...minutes });
    const [seen] = await found();
    await stores.mapping.change(scope, seen as Mapping, 'to_be_mapped', { mappingId: null });
    await mapBatches(stores, await input('attach'), { target, ...minutes });
    expect(new Set(target.asked.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
  });
});
