import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type Role, roles } from '../../lambdas/model/account.ts';
import { type bulkActionListSchema, routes } from '../../lambdas/model/api.ts';
import { giveKey, newAccount } from '../support/accounts.ts';
import { acquireBelongings, type Belongings, pathTo, sharedNames } from '../support/belongings.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { readEntities } from '../support/entities.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';
import { type StackResources, sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const anyone = new RollcallClient(stack).withKey(undefined);
const processName = 'facilityCreation';
const sheet = facilitySheet(facilities(2));

type List = z.infer<typeof bulkActionListSchema>;

/** Bodies that the operations would accept, for those that want one. */
const bodies: Readonly<Record<string, unknown>> = {
  completeUpload: { parts: [{ partNumber: 1, etag: 'x' }] },
  replaceAccount: { name: 'taken over' },
};
/** What would be somebody else's in requests that name it elsewhere than in their path, and how they are answered. */
const namedInside: Readonly<Record<string, (theirs: Belongings) => { body: unknown; status: number }>> = {
  createKey: ({ accountId }) => ({ body: { accountId, role: 'viewer', name: 'spy' }, status: 404 }),
  previewSheet: ({ actionId }) => ({ body: { actionId }, status: 404 }),
  createAccount: () => ({ body: { accountId: newAccount(), name: 'another' }, status: 403 }),
};
/** Operations that make something of the caller's own, and can name nothing else. */
const makingOwn = ['createBulkAction', 'createWebhook'];

/** Whether the path names something that belongs to somebody. */
const namesBelonging = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].some(([, name = '']) => sharedNames[name] === undefined);
const guarded = routes.filter(({ role }) => role !== undefined);
const ofSomebody = guarded.filter(({ path }) => namesBelonging(path));
const collections = guarded.filter(({ method, path }) => method === 'GET' && !namesBelonging(path));
const creations = guarded.filter(({ method, path }) => method !== 'GET' && !namesBelonging(path));

describe.skipIf(!stack.resources)('GIVEN two accounts', () => {
  const resources = stack.resources as StackResources;
  const referenceId = newReference();
  const [accountA, accountB] = [newAccount(), newAccount()];
  let a: RollcallClient;
  let b: RollcallClient;
  let ofA: Belongings;

  beforeAll(async () => {
    a = anyone.withKey(await giveKey(resources, accountA));
    b = anyone.withKey(await giveKey(resources, accountB));
    // Before there is a hierarchy, against which boundaries are then checked.
    await a.ended(await a.submit({ referenceId, processName }, csvFile(sheet)));
    ofA = await acquireBelongings(a, accountA);
  });

  it.each(ofSomebody)(
    "WHEN one asks for what is the other's ($operationId) THEN there is no such thing",
    async (route) => {
      const body = route.body && (bodies[route.operationId] ?? {});
      if (route.body) expect(route.body.safeParse(body).success, 'a body that it would accept').toBe(true);
      const answer = await b.request(route.method, pathTo(route.path, ofA), body === undefined ? {} : { body });
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      if (!route.path.includes('{accountId}')) expect(JSON.stringify(answer.body)).not.toContain(accountA);
    },
  );

  it.each(collections)("WHEN one lists ($operationId) THEN nothing of the other's is there", async ({ path }) => {
    const { status, body } = await b.get(pathTo(path, {}));
    expect(status).toBe(200);
    for (const [name, id] of Object.entries(ofA)) expect(JSON.stringify(body), name).not.toContain(id);
  });

  it.each(creations.filter(({ operationId }) => !makingOwn.includes(operationId)))(
    "WHEN one names what is the other's in a request ($operationId) THEN it is refused",
    async ({ method, path, operationId }) => {
      const { body, status } = namedInside[operationId]?.(ofA) ?? { body: {}, status: 'to be said in this test' };
      expect((await b.request(method, path, { body })).status).toBe(status);
    },
  );

  it("WHEN one filters by what is the other's THEN nothing is told", async () => {
    expect((await b.get(`/api/keys?accountId=${accountA}`)).status).toBe(404);
    expect((await b.read<List>(`/api/bulk-actions?referenceId=${ofA.referenceId}`)).items).toEqual([]);
  });

  it('WHEN one goes on in a list by the cursor of the other THEN that is no cursor', async () => {
    for (let n = 0; n < 2; n++) await a.create({ referenceId: newReference(), processName }, csvFile(sheet));
    const { cursor } = await a.read<List>('/api/bulk-actions?limit=1');
    const stolen = await b.get(`/api/bulk-actions?limit=1&cursor=${cursor}`);
    expect(stolen).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('WHEN both bring the same rows for the same reference THEN each has its own entities', async () => {
    const actionOfB = await b.submit({ referenceId, processName }, csvFile(sheet));
    const { action } = await expectConserved(b, actionOfB, sheet);
    expect(action).toMatchObject({ status: 'completed', counts: { created: 2, known: 0 } });
    const scope = { entity: 'facility', referenceId };
    const [ofA, ofB] = await Promise.all([
      readEntities(resources, { ...scope, accountId: accountA }),
      readEntities(resources, { ...scope, accountId: accountB }),
    ]);
    expect([ofA.length, ofB.length]).toEqual([2, 2]);
    expect(new Set([...ofA, ...ofB].map(({ entityId }) => entityId)).size).toBe(4);
  });

  it("WHEN one runs THEN the other's same reference is not busy", async () => {
    const shared = newReference();
    await a.create({ referenceId: shared, processName }, csvFile(sheet));
    const answer = await b.post('/api/bulk-actions', { referenceId: shared, processName, fileName: 'b.csv', size: 9 });
    expect(answer.status).toBe(201);
  });
});

describe('GIVEN a key that is no good', () => {
  it.each([
    { name: 'none', key: async () => undefined },
    { name: 'one that nobody was given', key: async () => `rk_nobody_${'0'.repeat(48)}` },
    { name: 'no key at all', key: async () => 'x'.repeat(2_000) },
  ])('WHEN it is $name THEN nothing is told', async ({ key }) => {
    const answer = await anyone.withKey(await key()).get('/api/bulk-actions');
    expect(answer.status).toBe(401);
  });

  it.skipIf(!stack.resources)('WHEN it is revoked, or right but for its secret, THEN nothing is told', async () => {
    const resources = stack.resources as StackResources;
    const revoked = await giveKey(resources, newAccount(), { revoked: true });
    const good = await giveKey(resources, newAccount());
    for (const key of [revoked, good.replace(/.{4}$/, 'zzzz')]) {
      expect(await anyone.withKey(key).get('/api/bulk-actions')).toMatchObject({
        status: 401,
        body: { code: 'unauthorized' },
      });
    }
  });
});

describe.skipIf(!stack.resources)('GIVEN keys of each role', () => {
  const account = newAccount();
  const id = '00000000-0000-4000-8000-000000000000';
  const callers = new Map<Role, RollcallClient>();
  beforeAll(async () => {
    const resources = stack.resources as StackResources;
    for (const role of roles) callers.set(role, anyone.withKey(await giveKey(resources, account, { role })));
  });

  it.each(guarded)(
    'WHEN they call $operationId THEN those below $role may not',
    async ({ method, path, role = 'admin' }) => {
      const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => sharedNames[name] ?? id);
      for (const [holder, caller] of callers) {
        const { body, status } = await caller.request<{ code?: string; needed?: string }>(
          method,
          filled,
          method === 'GET' || method === 'DELETE' ? {} : { body: {} },
        );
        const refused = status === 403 && body.needed !== undefined;
        expect([holder, refused]).toEqual([holder, roles.indexOf(holder) > roles.indexOf(role)]);
      }
    },
  );
});
