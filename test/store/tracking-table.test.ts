import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowScope } from '../../lambdas/store/tracking-table.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

let scopes = 0;
/** Rows of no other test. */
function newScope(): RowScope {
  scopes += 1;
  return { accountId: 'acme', referenceId: `cmp-${scopes}`, type: 'facilityCreation' };
}

function rows(...identifiers: string[]) {
  return identifiers.map((uniqueIdentifier, index) => ({ uniqueIdentifier, rowNumber: index + 2, data: { index } }));
}

async function statusOf(scope: RowScope, identifier: string) {
  const row = (await stores.tracking.read(scope, [identifier], true)).get(identifier);
  return row && [row.status, row.actionId];
}

async function unsettled(scope: RowScope): Promise<string[]> {
  const found: string[] = [];
  for await (const page of stores.tracking.unsettled(scope)) found.push(...page.map((row) => row.uniqueIdentifier));
  return found.sort();
}

const error = { code: 'x', message: 'Because.' };

describe('GIVEN rows that are not tracked yet', () => {
  it('WHEN two actions insert the same row THEN the first has it and the second is told', async () => {
    const scope = newScope();
    expect(await stores.tracking.insertPending(scope, 'a', rows('A', 'B'))).toEqual([true, true]);
    expect(await stores.tracking.insertPending(scope, 'b', rows('B', 'C'))).toEqual([false, true]);
    expect(await statusOf(scope, 'B')).toEqual(['pending', 'a']);
  });

  it('WHEN more rows are inserted than a call takes THEN each has an outcome of its own, in order', async () => {
    const scope = newScope();
    const many = rows(...Array.from({ length: 130 }, (_, index) => `F${index}`));
    await stores.tracking.insertPending(
      scope,
      'a',
      many.filter((_, index) => index % 3 === 0),
    );
    const outcomes = await stores.tracking.insertPending(scope, 'b', many);
    expect(outcomes).toEqual(many.map((_, index) => index % 3 !== 0));
  });

  it('WHEN the account, the reference or the process differs THEN it is another row', async () => {
    const scope = newScope();
    await stores.tracking.insertPending(scope, 'a', rows('A'));
    for (const other of [{ accountId: 'other' }, { referenceId: 'other' }, { type: 'userCreation' }]) {
      expect(await stores.tracking.insertPending({ ...scope, ...other }, 'a', rows('A'))).toEqual([true]);
    }
  });
});

describe('GIVEN a pending row', () => {
  it('WHEN it is asked for several times in one read THEN it is found', async () => {
    const scope = newScope();
    await stores.tracking.insertPending(scope, 'a', rows('A', 'B'));
    const found = await stores.tracking.read(scope, ['A', 'B', 'A'], true);
    expect([...found.keys()].sort()).toEqual(['A', 'B']);
  });

  it('WHEN its action succeeds it twice THEN once', async () => {
    const scope = newScope();
    await stores.tracking.insertPending(scope, 'a', rows('A'));
    expect(await stores.tracking.markSuccess(scope, 'a', ['A'])).toEqual([true]);
    expect(await stores.tracking.markSuccess(scope, 'a', ['A'])).toEqual([false]);
  });

  it('WHEN another action settles it THEN nothing happens', async () => {
    const scope = newScope();
    await stores.tracking.insertPending(scope, 'a', rows('A'));
    expect(await stores.tracking.markSuccess(scope, 'b', ['A'])).toEqual([false]);
    expect(await stores.tracking.markFailed(scope, 'b', [{ uniqueIdentifier: 'A', error }])).toEqual([false]);
    expect(await statusOf(scope, 'A')).toEqual(['pending', 'a']);
  });

  it('WHEN success and failure race THEN one of the two wins', async () => {
    const scope = newScope();
    const identifiers = Array.from({ length: 40 }, (_, index) => `F${index}`);
    await stores.tracking.insertPending(scope, 'a', rows(...identifiers));
    const [succeeded, failed] = await Promise.all([
      stores.tracking.markSuccess(scope, 'a', identifiers),
      stores.tracking.markFailed(
        scope,
        'a',
        identifiers.map((uniqueIdentifier) => ({ uniqueIdentifier, error })),
      ),
    ]);
    expect(succeeded.map((won, index) => won !== failed[index])).toEqual(identifiers.map(() => true));
  });
});

describe('GIVEN a failed row', () => {
  it('WHEN it comes again with new values THEN only whoever saw it last takes it over', async () => {
    const scope = newScope();
    await stores.tracking.insertPending(scope, 'a', rows('A'));
    await stores.tracking.markFailed(scope, 'a', [{ uniqueIdentifier: 'A', error }]);
    const seen = (await stores.tracking.read(scope, ['A'], true)).get('A');
    if (!seen) throw new Error('A is gone');
    expect(seen.error).toEqual(error);
    const corrected = { uniqueIdentifier: 'A', rowNumber: 9, data: { capacity: 7 } };
    expect(await stores.tracking.takeOver(scope, 'b', corrected, seen)).toBe(true);
    expect(await stores.tracking.takeOver(scope, 'c', corrected, seen)).toBe(false);
    expect(await statusOf(scope, 'A')).toEqual(['pending', 'b']);
    for await (const [row] of stores.tracking.unsettled(scope)) {
      expect(row).toMatchObject({ rowNumber: 9, data: { capacity: 7 } });
      expect(row?.error).toBeUndefined();
    }
  });

  it('WHEN unsettled rows are revived THEN failed and pending ones are, and successful ones are not', async () => {
    const scope = newScope();
    await stores.tracking.insertPending(scope, 'a', rows('failed', 'pending', 'success'));
    await stores.tracking.markFailed(scope, 'a', [{ uniqueIdentifier: 'failed', error }]);
    await stores.tracking.markSuccess(scope, 'a', ['success']);
    expect(await unsettled(scope)).toEqual(['failed', 'pending']);
    expect(await stores.tracking.revive(scope, 'b', ['failed', 'pending', 'success'])).toEqual([true, true, false]);
    expect(await statusOf(scope, 'failed')).toEqual(['pending', 'b']);
    expect(await statusOf(scope, 'success')).toEqual(['success', 'a']);
  });

  it('WHEN there are more of them than a page holds THEN all are found, in all partitions', async () => {
    const scope = newScope();
    const many = Array.from({ length: 60 }, (_, index) => `F${index}`);
    const large = 'x'.repeat(300_000);
    await stores.tracking.insertPending(
      scope,
      'a',
      rows(...many).map((row) => ({ ...row, data: { large } })),
    );
    expect(await unsettled(scope)).toEqual([...many].sort());
  });
});

describe('GIVEN rows of which every third has failed', () => {
  const scope = { accountId: 'acme', referenceId: 'neighbours', type: 'facilityCreation' };
  // Letters whose order in UTF-16 is not that of their bytes are among them.
  const names = Array.from(
    { length: 1_500 },
    (_, index) => `${['Tete', 'Ílha', '\u{FFE6}', '\u{1F3E5}'][index % 4]} ${index}`,
  );
  const succeeded = names.filter((_, index) => index % 3 !== 0);
  beforeAll(async () => {
    await stores.tracking.insertPending(scope, 'a', rows(...names));
    await stores.tracking.markSuccess(scope, 'a', succeeded);
  });

  const asked: readonly (readonly [string, readonly string[]])[] = [
    ['all', names],
    ['some that follow each other', names.toSorted().slice(300, 700)],
    ['some that are far apart', names.filter((_, index) => index % 7 === 0)],
    ['a few', names.slice(0, 5)],
    ['some twice, and some that are not there', [...names.slice(0, 400), ...names.slice(0, 20), 'nobody', '\u{1F3E5}']],
    ['none', []],
  ];
  it.each(asked)('WHEN the ids of %s are asked for THEN those that succeeded have one', async (_, wanted) => {
    const ids = await stores.tracking.entityIds(scope, wanted);
    const expected = new Set(wanted).intersection(new Set(succeeded));
    expect(new Set(ids.keys())).toEqual(expected);
    const read = await stores.tracking.read(scope, wanted, true);
    for (const [name, id] of ids) expect(id).toBe(read.get(name)?.entityId);
  });
});
