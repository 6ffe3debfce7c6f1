import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { roles } from '../../lambdas/model/account.ts';
import { type bulkActionListSchema, routes } from '../../lambdas/model/api.ts';
import { giveKey, newAccount } from '../support/accounts.ts';
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

describe.skipIf(!stack.resources)('GIVEN two accounts', () => {
  const resources = stack.resources as StackResources;
  const referenceId = newReference();
  const [accountA, accountB] = [newAccount(), newAccount()];
  let a: RollcallClient;
  let b: RollcallClient;
  let actionOfA: string;

  beforeAll(async () => {
    a = anyone.withKey(await giveKey(resources, accountA));
    b = anyone.withKey(await giveKey(resources, accountB));
    actionOfA = await a.submit({ referenceId, processName }, csvFile(sheet));
    await a.ended(actionOfA);
  });

  const ofActions = routes.filter(({ path }) => path.includes('{actionId}') || path.includes('{referenceId}'));
  it.each(ofActions.map(({ method, path, operationId }) => ({ method, path, operationId })))(
    "WHEN one asks for what is the other's ($operationId) THEN there is no such thing",
    async ({ method, path }) => {
      const filled = path.replace('{actionId}', actionOfA).replace('{referenceId}', referenceId);
      const body = path.endsWith('/complete') ? { parts: [{ partNumber: 1, etag: 'x' }] } : undefined;
      const answer = await b.request(method, filled, body === undefined ? {} : { body });
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect(JSON.stringify(answer.body)).not.toContain(accountA);
    },
  );

  it('WHEN one lists THEN the other is not there, not even by its cursor', async () => {
    for (let n = 0; n < 2; n++) await a.create({ referenceId: newReference(), processName }, csvFile(sheet));
    expect((await b.read<List>('/api/bulk-actions')).items).toEqual([]);
    expect((await b.read<List>(`/api/bulk-actions?referenceId=${referenceId}`)).items).toEqual([]);
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
  const guarded = routes.filter(({ role }) => role !== undefined);
  it.each(guarded.map(({ method, path, operationId, role = 'admin' }) => ({ method, path, operationId, role })))(
    'WHEN they call $operationId THEN those below $role may not',
    async ({ method, path, role }) => {
      const resources = stack.resources as StackResources;
      const account = newAccount();
      const id = '00000000-0000-4000-8000-000000000000';
      const filled = path.replace('{actionId}', id).replace('{referenceId}', 'cmp').replace('{name}', processName);
      for (const holder of roles) {
        const caller = anyone.withKey(await giveKey(resources, account, { role: holder }));
        const { status } = await caller.request(method, filled, method === 'POST' ? { body: {} } : {});
        expect([holder, status === 403]).toEqual([holder, roles.indexOf(holder) > roles.indexOf(role)]);
      }
    },
  );
});
