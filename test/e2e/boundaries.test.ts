import { beforeAll, describe, expect, it } from 'vitest';
import { hierarchyLevels } from '../../lambdas/model/hierarchy.ts';
import { giveKey, newAccount } from '../support/accounts.ts';
import { allBoundaries, type BoundaryList, boundarySheet, boundaryTree, scattered } from '../support/boundaries.ts';
import { RollcallClient, type Submission } from '../support/client.ts';
import { expectConserved, type Outcome } from '../support/conservation.ts';
import { expectExactlyOnce, readEntities } from '../support/entities.ts';
import { facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile, type Sheet } from '../support/sheet-files.ts';
import { type StackResources, sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const anyone = new RollcallClient(stack).withKey(undefined);
const entity = 'boundary';

/** A client of an account of its own: hierarchies belong to accounts, and others' tests need theirs without one. */
async function ownAccount(): Promise<{ client: RollcallClient; accountId: string }> {
  const accountId = newAccount();
  return { accountId, client: anyone.withKey(await giveKey(stack.resources as StackResources, accountId)) };
}

async function create(
  client: RollcallClient,
  sheet: Sheet,
  own: Partial<Submission> = {},
): Promise<Outcome & { actionId: string; referenceId: string }> {
  const referenceId = own.referenceId ?? newReference();
  const submission = { processName: 'boundaryCreation', ...own, referenceId };
  const actionId = await client.submit(submission, csvFile(sheet));
  return { ...(await expectConserved(client, actionId, sheet)), actionId, referenceId };
}

/** The codes of a row's errors, by the row's number. */
function errorsByRow({ rows }: Outcome): Record<number, string[]> {
  const failed = rows.filter(({ errors }) => errors && errors.length > 0);
  return Object.fromEntries(failed.map(({ rowNumber, errors = [] }) => [rowNumber, errors.map(({ code }) => code)]));
}

function messageOf({ rows }: Outcome, rowNumber: number): string {
  return rows.find((row) => row.rowNumber === rowNumber)?.errors?.[0]?.message ?? '';
}

/** Which code got which answer. */
function answers({ rows }: Outcome): Record<string, string> {
  return Object.fromEntries(rows.map(({ uniqueIdentifier = '', answer }) => [uniqueIdentifier, answer]));
}

describe.skipIf(!stack.resources)('GIVEN a sheet of boundaries in any order', () => {
  const resources = stack.resources as StackResources;
  const tree = boundaryTree(400, 3);
  let client: RollcallClient;
  let accountId: string;
  let created: Awaited<ReturnType<typeof create>>;

  beforeAll(async () => {
    ({ client, accountId } = await ownAccount());
    created = await create(client, boundarySheet(scattered(tree)));
  });

  it('WHEN it is submitted THEN every boundary is created, parents before children', async () => {
    expect(created.action).toMatchObject({ status: 'completed', counts: { rows: 400, created: 400 } });
    const entities = await expectExactlyOnce(stack, client, { accountId, entity, referenceId: created.referenceId });
    expect(new Set(entities.map(({ uniqueIdentifier }) => uniqueIdentifier))).toEqual(
      new Set(tree.map(([code]) => code)),
    );
    const times = new Map(
      (await allBoundaries(client, '/api/boundaries/B-0/descendants')).map(({ code, createdAt }) => [code, createdAt]),
    );
    expect(times.size).toBe(tree.length - 1);
    for (const [code, parent] of tree.slice(4)) {
      expect(times.get(code)?.localeCompare(times.get(parent) ?? '~')).toBeGreaterThanOrEqual(0);
    }
  });

  it('WHEN one is read THEN it says where it stands', async () => {
    expect(await client.read('/api/boundaries/B-13')).toMatchObject({
      code: 'B-13',
      name: 'Name of B-13',
      boundaryType: 'Area',
      parentCode: 'B-4',
      level: 3,
      referenceId: created.referenceId,
    });
    expect(await client.read('/api/boundaries/B-0')).toMatchObject({ parentCode: null, level: 0 });
    expect(await codesAt('/api/boundaries')).toEqual(['B-0']);
  });

  async function codesAt(path: string, limit?: number): Promise<string[]> {
    return (await allBoundaries(client, path, limit)).map(({ code }) => code);
  }

  it('WHEN children and ancestors are read THEN they come page by page, in their order', async () => {
    expect(await codesAt('/api/boundaries/B-1/children')).toEqual(['B-4', 'B-5', 'B-6']);
    expect(await codesAt('/api/boundaries/B-1/children', 2)).toEqual(['B-4', 'B-5', 'B-6']);
    expect(await codesAt('/api/boundaries/B-399/children')).toEqual([]);
    const { items } = await client.read<BoundaryList>('/api/boundaries/B-13/ancestors');
    expect(items.map(({ code }) => code)).toEqual(['B-0', 'B-1', 'B-4']);
  });

  it.each([2, 7, 1_000])('WHEN descendants are read in pages of %i THEN level by level, each once', async (limit) => {
    const whole = await allBoundaries(client, '/api/boundaries/B-4/descendants', limit);
    const expected = new Set(tree.filter(([code]) => code !== 'B-4' && isUnder(code, 'B-4')).map(([code]) => code));
    expect(new Set(whole.map(({ code }) => code))).toEqual(expected);
    expect(whole).toHaveLength(expected.size);
    const levels = whole.map(({ level }) => level);
    expect(levels).toEqual(levels.toSorted((a, b) => a - b));
    const upToTwo = await codesAt('/api/boundaries/B-4/descendants?depth=2', limit);
    expect(upToTwo).toEqual(whole.filter(({ level }) => level <= 4).map(({ code }) => code));
  });

  function isUnder(code: string, ancestor: string): boolean {
    for (let next: string | undefined = code; next; next = new Map(tree).get(next)) if (next === ancestor) return true;
    return false;
  }

  it('WHEN a cursor belongs to another list THEN it is refused', async () => {
    const { cursor = '' } = await client.read<BoundaryList>('/api/boundaries/B-1/children?limit=1');
    for (const path of ['/api/boundaries/B-2/children', '/api/boundaries/B-1/descendants', '/api/boundaries']) {
      expect(await client.get(`${path}?cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    }
    const page = await client.read<BoundaryList>('/api/boundaries/B-1/descendants?limit=1');
    const foreign = await client.get(`/api/boundaries/B-2/descendants?cursor=${page.cursor}`);
    expect(foreign).toMatchObject({ status: 400 });
  });

  it('WHEN a code is nothing but space THEN there is no such boundary, and the roots are not meant', async () => {
    for (const path of ['', '/children', '/ancestors', '/descendants']) {
      const answer = await client.get(`/api/boundaries/%20${path}`);
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  it("WHEN another account asks THEN there is no such boundary, and the same codes are that account's own", async () => {
    const other = await ownAccount();
    for (const path of ['', '/children', '/ancestors', '/descendants']) {
      const answer = await other.client.get(`/api/boundaries/B-1${path}`);
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect(await other.client.read('/api/boundaries')).toEqual({ items: [] });
    const own = await create(other.client, boundarySheet([['B-1', '']]));
    expect(own.action.counts).toMatchObject({ created: 1 });
    expect(await other.client.read('/api/boundaries/B-1')).toMatchObject({ parentCode: null, level: 0 });
    expect(await client.read('/api/boundaries/B-1')).toMatchObject({ parentCode: 'B-0' });
  });

  it('WHEN another reference brings them THEN they are known, and more may stand below', async () => {
    const again = await create(client, boundarySheet([['B-399-A', 'B-399'], ...tree.slice(0, 5)]));
    expect(again.action).toMatchObject({ status: 'completed', counts: { rows: 6, created: 1, known: 5 } });
    expect(answers(again)).toMatchObject({ 'B-399-A': 'created', 'B-0': 'known' });
    const first = created.rows.find(({ uniqueIdentifier }) => uniqueIdentifier === 'B-0');
    expect(again.rows.find(({ uniqueIdentifier }) => uniqueIdentifier === 'B-0')?.entityId).toBe(first?.entityId);
    const entities = await readEntities(resources, { accountId, entity, referenceId: again.referenceId });
    expect(entities.map(({ uniqueIdentifier }) => uniqueIdentifier)).toEqual(['B-399-A']);
    expect(await codesAt('/api/boundaries/B-399/children')).toEqual(['B-399-A']);
  });
});

describe.skipIf(!stack.resources)('GIVEN boundaries that can not stand where they would', () => {
  let client: RollcallClient;
  beforeAll(async () => {
    ({ client } = await ownAccount());
    await create(
      client,
      boundarySheet([
        ['KNOWN', ''],
        ['KNOWN-SOUTH', 'KNOWN'],
      ]),
    );
  });

  it('WHEN the sheet is validated THEN each is told by row number, with its way, and nothing is created', async () => {
    const outcome = await create(
      client,
      boundarySheet([
        ['ROOT', ''],
        ['LOST', 'KNWON-SOUTH'],
        ['SELF', 'SELF'],
        ['A', 'B'],
        ['B', 'C'],
        ['C', 'A'],
        ['BELOW-A', 'A'],
        ['GOOD', 'KNOWN'],
      ]),
    );
    expect(outcome.action).toMatchObject({ status: 'failed', problem: { code: 'invalid_rows' } });
    expect(outcome.action.counts).toMatchObject({ rows: 8, invalid: 5, unprocessed: 3, created: 0 });
    expect(errorsByRow(outcome)).toMatchObject({
      3: ['parent_missing'],
      4: ['parent_self'],
      5: ['parent_cycle'],
      6: ['parent_cycle'],
      7: ['parent_cycle'],
      8: ['sheet_rejected'],
    });
    expect(messageOf(outcome, 3)).toContain('Did you mean KNOWN-SOUTH?');
    expect(messageOf(outcome, 5)).toContain('A (row 5) → B (row 6) → C (row 7) → A');
    expect(messageOf(outcome, 6)).toContain('B (row 6) → C (row 7) → A (row 5) → B');
    expect((await client.get('/api/boundaries/ROOT')).status).toBe(404);
  });

  it('WHEN a chain is too deep THEN the rows beyond say so, also below what exists', async () => {
    const chain = Array.from({ length: hierarchyLevels + 1 }, (_, index): [string, string] => [
      `D-${index}`,
      index === 0 ? '' : `D-${index - 1}`,
    ]);
    const tooDeep = await create(client, boundarySheet(scattered(chain)), { onInvalidRow: 'skip' });
    expect(tooDeep.action.counts).toMatchObject({ created: hierarchyLevels, invalid: 1 });
    const below = await create(client, boundarySheet([['D-END', `D-${hierarchyLevels - 1}`]]));
    expect(errorsByRow(below)).toEqual({ 2: ['parent_too_deep'] });
    const { items } = await client.read<BoundaryList>(`/api/boundaries/D-${hierarchyLevels - 1}/ancestors`);
    expect(items).toHaveLength(hierarchyLevels - 1);
  });
});

describe.skipIf(!stack.resources)('GIVEN a parent that is not created', () => {
  const rows: [string, string][] = [
    ['LEAF', 'CHILD'],
    ['CHILD', 'PARENT'],
    ['PARENT', 'ROOT'],
    ['ROOT', ''],
    ['OTHER', 'ROOT'],
  ];
  /** The parent lacks its name, so with `skip` it is left out. */
  const withoutParent = boundarySheet(rows);
  const broken = {
    ...withoutParent,
    rows: withoutParent.rows.map((row) => (row[0] === 'PARENT' ? ['PARENT', '', 'Area', 'ROOT'] : row)),
  };

  async function blocked() {
    const account = await ownAccount();
    const outcome = await create(account.client, broken, { onInvalidRow: 'skip' });
    expect(outcome.action).toMatchObject({ status: 'completed_with_failures' });
    expect(outcome.action.counts).toMatchObject({ created: 2, invalid: 1, failed: 2 });
    expect(errorsByRow(outcome)).toEqual({ 2: ['blocked_by_parent'], 3: ['blocked_by_parent'], 4: ['required'] });
    expect(messageOf(outcome, 3)).toContain('Blocked by parent PARENT');
    expect(messageOf(outcome, 2)).toContain('Blocked by parent CHILD');
    return { ...account, ...outcome };
  }

  it('WHEN it comes corrected THEN it is created, and all that it blocked after it', async () => {
    const { client, accountId, referenceId } = await blocked();
    const corrected = await create(client, boundarySheet([['PARENT', 'ROOT']]), { referenceId });
    expect(corrected.action).toMatchObject({ status: 'completed', revived: { rows: 2, created: 2, failed: 0 } });
    expect((await allBoundaries(client, '/api/boundaries/ROOT/descendants')).map(({ code }) => code)).toEqual([
      'OTHER',
      'PARENT',
      'CHILD',
      'LEAF',
    ]);
    await expectExactlyOnce(stack, client, { accountId, entity, referenceId });
  });

  it('WHEN another reference creates it and the action is retried THEN what it blocked is created in order', async () => {
    const { client, accountId, actionId, referenceId } = await blocked();
    await create(client, boundarySheet([['PARENT', 'ROOT']]));
    expect((await client.post(`/api/bulk-actions/${actionId}/retry`, {})).status).toBe(202);
    const { action } = await expectConserved(client, actionId, broken);
    expect(action.counts).toMatchObject({ created: 4, invalid: 1, failed: 0 });
    expect((await client.read<BoundaryList>('/api/boundaries/LEAF/ancestors')).items).toHaveLength(3);
    await expectExactlyOnce(stack, client, { accountId, entity, referenceId });
  });
});

describe.skipIf(!stack.resources)('GIVEN rows that name boundaries', () => {
  const processName = 'facilityCreation';
  const names = facilitySheet([
    facility('Good', { boundaryCode: 'MRV-NOR, MRV-EAS' }),
    facility('Slip', { boundaryCode: 'MRV-NRO;MRV-EAS' }),
    facility('Two', { boundaryCode: 'MRV-WES;ELSEWHERE-1' }),
  ]);

  it('WHEN the account has no hierarchy THEN any code will do', async () => {
    const { client } = await ownAccount();
    const actionId = await client.submit({ referenceId: newReference(), processName }, csvFile(names));
    expect((await expectConserved(client, actionId, names)).action.counts).toMatchObject({ created: 3 });
  });

  it('WHEN the account has one THEN unknown codes are told with the nearest known ones', async () => {
    const { client } = await ownAccount();
    await create(
      client,
      boundarySheet([
        ['MRV', ''],
        ['MRV-NOR', 'MRV'],
        ['MRV-EAS', 'MRV'],
      ]),
    );
    const actionId = await client.submit({ referenceId: newReference(), processName }, csvFile(names));
    const outcome = await expectConserved(client, actionId, names);
    expect(outcome.action).toMatchObject({ status: 'failed', problem: { code: 'invalid_rows' } });
    expect(outcome.action.counts).toMatchObject({ invalid: 2, unprocessed: 1 });
    expect(outcome.rows[1]?.errors).toEqual([
      {
        code: 'unknown_boundary',
        message: 'There is no boundary MRV-NRO. Did you mean MRV-NOR?',
        column: 'boundaryCode',
        value: 'MRV-NRO',
      },
    ]);
    expect(outcome.rows[2]?.errors?.map(({ value }) => value)).toEqual(['MRV-WES', 'ELSEWHERE-1']);
    expect(outcome.rows[2]?.errors?.[1]?.message).toContain('create the boundary first');
  });
});

describe.skipIf(!stack.resources)('GIVEN 20,000 boundaries', () => {
  it('WHEN they are submitted in any order THEN all are created and none before its parent', async () => {
    const { client, accountId } = await ownAccount();
    const tree = boundaryTree(20_000, 12);
    const { action, referenceId } = await create(client, boundarySheet(scattered(tree)));
    expect(action).toMatchObject({ status: 'completed', counts: { rows: 20_000, created: 20_000 } });
    const entities = await expectExactlyOnce(stack, client, { accountId, entity, referenceId });
    expect(entities).toHaveLength(20_000);
    expect(await client.read('/api/boundaries/B-19999')).toMatchObject({ level: 4 });
    expect((await allBoundaries(client, '/api/boundaries/B-1/descendants?depth=2')).length).toBe(12 + 144);
  });
});
