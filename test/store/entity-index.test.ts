import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundaryOrigin, newBoundary, registerBoundaries } from '../support/shared-entities.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

function newHome() {
  return { accountId: `t-${randomUUID()}`, entity: 'boundary' };
}

describe('GIVEN an entity that its account shares', () => {
  it('WHEN another reference makes it too THEN it is known, and stays as it was', async () => {
    const home = newHome();
    const [first, second] = ['old', 'new'].map((name) => newBoundary(home.accountId, 'A', '', name));
    if (!first || !second) throw new Error('There are two');
    expect(await stores.registry.create(boundaryOrigin(home.accountId), [first])).toEqual(new Set());
    const other = boundaryOrigin(home.accountId, { referenceId: 'cmp-2', actionId: 'second' });
    const known = await stores.registry.create(other, [second, newBoundary(home.accountId, 'B')]);
    expect(known).toEqual(new Set([first.entityId]));
    expect(await stores.entityIndex.find(home, 'A')).toMatchObject({ data: { name: 'old' }, referenceId: 'cmp-1' });
    expect(await stores.entityIndex.find(home, 'B')).toMatchObject({ referenceId: 'cmp-2' });
  });

  it('WHEN its own reference brings it corrected THEN its values and its place are the new ones', async () => {
    const home = newHome();
    await registerBoundaries(stores, home.accountId, ['P']);
    await stores.registry.create(boundaryOrigin(home.accountId), [newBoundary(home.accountId, 'A', '', 'old')]);
    const later = boundaryOrigin(home.accountId, { actionId: 'second' });
    const known = await stores.registry.create(later, [newBoundary(home.accountId, 'A', 'P', 'new')]);
    expect(known).toEqual(new Set());
    expect(await stores.entityIndex.find(home, 'A')).toMatchObject({ data: { name: 'new' }, parent: 'P', level: 1 });
    const codes = async (parent: string) =>
      (await stores.entityIndex.children(home, parent, { limit: 10 })).map(({ uniqueIdentifier }) => uniqueIdentifier);
    expect(await codes('')).toEqual(['P']);
    expect(await codes('P')).toEqual(['A']);
  });

  it('WHEN asked for THEN the account has such entities from the first on, and another account has none', async () => {
    const home = newHome();
    expect(await stores.entityIndex.hasAny(home)).toBe(false);
    await registerBoundaries(stores, home.accountId, ['A']);
    expect(await stores.entityIndex.hasAny(home)).toBe(true);
    const other = newHome();
    expect(await stores.entityIndex.hasAny(other)).toBe(false);
    expect(await stores.entityIndex.find(other, 'A')).toBeUndefined();
    expect(await stores.entityIndex.levels(other, ['A'])).toEqual(new Map());
    expect(await stores.entityIndex.children(other, '', { limit: 1 })).toEqual([]);
  });
});

describe('GIVEN many entities of a kind', () => {
  const codes = Array.from({ length: 2_500 }, (_, index) => `C-${String(index).padStart(4, '0')}`);
  const home = newHome();
  beforeAll(() => registerBoundaries(stores, home.accountId, codes));

  it('WHEN all are read THEN each is there once', async () => {
    const found: string[] = [];
    for await (const page of stores.entityIndex.allLevels(home)) found.push(...page.keys());
    expect(found.toSorted()).toEqual(codes);
  });

  it('WHEN some are asked for THEN those that there are have their levels', async () => {
    const asked = [...codes.slice(0, 150), 'NOBODY'];
    expect(await stores.entityIndex.levels(home, asked)).toEqual(new Map(codes.slice(0, 150).map((code) => [code, 0])));
  });

  it('WHEN a family is read in pages THEN the next begins behind the last', async () => {
    const first = await stores.entityIndex.children(home, '', { limit: 1_000 });
    const after = first.at(-1)?.uniqueIdentifier ?? '';
    const second = await stores.entityIndex.children(home, '', { after, limit: 2_000 });
    expect([...first, ...second].map(({ uniqueIdentifier }) => uniqueIdentifier)).toEqual(codes);
  });
});
