import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entityListSchema, entitySchema } from '../../lambdas/model/api/entities.ts';
import { listLogs } from '../../lambdas/operations/list-logs.ts';
import { listEntities, readEntity } from '../../lambdas/operations/read-entities.ts';
import { EntityListing } from '../../lambdas/store/entity-listing.ts';
import { Contacts } from '../support/account-entities.ts';
import { newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores & { listing: EntityListing };
beforeAll(async () => {
  const started = await startTestStores();
  stores = { ...started, listing: new EntityListing(started.dynamodb, started.registryTable) };
});
afterAll(() => stores.stop());

describe('GIVEN contacts of an account, some of them deleted', () => {
  let contacts: Contacts;
  let ids: string[];
  beforeAll(async () => {
    contacts = new Contacts(stores);
    ids = await contacts.insert(
      ...Array.from({ length: 60 }, (_, n) => ({
        email: `${n}@x.org`,
        phone: `+2588411111${String(n).padStart(2, '0')}`,
      })),
    );
    const rows = ids.slice(0, 20).map((id) => contacts.changeRow(id, {}, { effect: 'deleted' }));
    await contacts.apply(contacts.context('delete'), ...rows);
  });

  it('WHEN listed page by page THEN each that is there comes once', async () => {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listEntities(stores, contacts.home, { limit: 7, ...(cursor !== undefined && { cursor }) });
      expect(() => entityListSchema.parse(page)).not.toThrow();
      expect(page.items.length).toBeLessThanOrEqual(7);
      found.push(...page.items.map(({ entityId }) => entityId));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found.toSorted()).toEqual(ids.slice(20).toSorted());
  });

  it('WHEN looked up by unique values, written in any way THEN it is the one that has them all, or none', async () => {
    const find = async (query: Record<string, string>) =>
      (await listEntities(stores, contacts.home, { limit: 100, ...query })).items.map(({ entityId }) => entityId);
    expect(await find({ email: ' 30@X.org ' })).toEqual([ids[30]]);
    expect(await find({ phone: '00258 84 11 11 130', email: '30@x.org' })).toEqual([ids[30]]);
    expect(await find({ phone: '+258841111131', email: '30@x.org' })).toEqual([]);
    expect(await find({ email: '3@x.org' })).toEqual([]);
    expect(await find({ email: 'nobody@x.org' })).toEqual([]);
  });

  it('WHEN one is read THEN it tells what made it; one that is gone, or of another account, is not there', async () => {
    const [gone = '', id = ''] = ids.slice(19);
    const entity = await readEntity(stores, contacts.home, id);
    expect(entitySchema.parse(entity)).toMatchObject({ entityId: id, entity: 'contact', data: { email: '20@x.org' } });
    const missing = { code: 'not_found' };
    await expect(readEntity(stores, contacts.home, gone)).rejects.toMatchObject(missing);
    await expect(readEntity(stores, { ...contacts.home, accountId: 'other' }, id)).rejects.toMatchObject(missing);
  });

  it('WHEN asked for what there can not be THEN it is refused by name', async () => {
    const asking = (entity: string, query: Record<string, string>) =>
      listEntities(stores, { ...contacts.home, entity }, { limit: 1, ...query });
    await expect(asking('unicorn', {})).rejects.toMatchObject({ code: 'not_found' });
    const expected = { emial: /^a unique field of contact \(email, phone\)$/, email: /name@example\.org/ };
    const refused = Object.entries(expected).map(([path, what]) => finding(path, expect.stringMatching(what)));
    await expect(asking('contact', { emial: 'x', email: 'x' })).rejects.toMatchObject({
      code: 'invalid_request',
      members: { errors: refused },
    });
    await expect(asking('contact', { cursor: 'x' })).rejects.toMatchObject({
      code: 'invalid_request',
      members: { errors: [finding('cursor', expect.stringContaining('earlier answer to the same query'))] },
    });
  });

  function finding(path: string, expected: unknown) {
    return { in: 'query', path, expected, received: expect.any(String) };
  }

  it('WHEN a page of another kind, another account or a log is to follow THEN its cursor is refused', async () => {
    const { cursor = '' } = await listEntities(stores, contacts.home, { limit: 1 });
    const refused = { code: 'invalid_request' };
    for (const other of [{ entity: 'lead' }, { accountId: 'other' }]) {
      const asking = listEntities(stores, { ...contacts.home, ...other }, { limit: 1, cursor });
      await expect(asking).rejects.toMatchObject(refused);
    }
    const logs = listLogs(stores, newAction({ status: 'completed' }), { limit: 1, cursor });
    await expect(logs).rejects.toMatchObject(refused);
    expect(await listEntities(stores, contacts.home, { limit: 1, cursor })).toMatchObject({ items: [{}] });
  });
});

describe('GIVEN entities of a kind that does not change', () => {
  it('WHEN read THEN they are of their first version, made and last changed by one action', async () => {
    const { accountId } = new Contacts(stores);
    const home = { accountId, entity: 'facility' };
    const origin = { ...home, referenceId: 'cmp-1', processName: 'facilityCreation', actionId: 'A' };
    const entityId = '0f8fad5b-d9cb-869f-a165-70867728950e';
    await stores.registry.create(origin, [{ entityId, uniqueIdentifier: 'F', data: { facilityName: 'F' } }]);
    const expected = { entityId, version: 1, createdBy: 'A', changedBy: 'A', data: { facilityName: 'F' } };
    expect(await listEntities(stores, home, { limit: 10 })).toMatchObject({ items: [expected] });
    expect(await readEntity(stores, home, entityId)).toMatchObject(expected);
  });
});
