import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRoots } from '../../lambdas/operations/browse-hierarchy.ts';
import { encodeCursor } from '../../lambdas/operations/cursor.ts';
import { listMappings } from '../../lambdas/operations/list-mappings.ts';
import { newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

const reference = { accountId: 'acme', referenceId: 'cmp-1' };
const home = { accountId: 'acme', entity: 'boundary' };
const mappingsList = ['mappings', 'acme', 'cmp-1', ''];
const rootsList = ['children', 'acme', 'boundary', ''];
/** Few characters, but too many bytes for a sort key. */
const tooLong = 'é'.repeat(513);

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
  await stores.references.claim(newAction(reference));
});
afterAll(() => stores.stop());

describe('GIVEN a cursor that names what can be no key', () => {
  it.each(['', tooLong])(
    'WHEN a list goes on from it (%#) THEN it is refused, and DynamoDB is not asked',
    async (after) => {
      const mappings = encodeCursor({ type: 'facility', shard: 0, after }, ...mappingsList);
      const children = encodeCursor({ after }, ...rootsList);
      const refused = { code: 'invalid_request' };
      await expect(listMappings(stores, reference, { limit: 10, cursor: mappings })).rejects.toMatchObject(refused);
      await expect(listRoots(stores.entityIndex, home, { limit: 10, cursor: children })).rejects.toMatchObject(refused);
    },
  );

  it('WHEN one names a key that is not there THEN the list goes on behind where it would be', async () => {
    const mappings = encodeCursor({ type: 'facility', shard: 15, after: 'é' }, ...mappingsList);
    expect(await listMappings(stores, reference, { limit: 10, cursor: mappings })).toMatchObject({ items: [] });
    const children = encodeCursor({ after: 'é' }, ...rootsList);
    expect(await listRoots(stores.entityIndex, home, { limit: 10, cursor: children })).toEqual({ items: [] });
  });
});

describe('GIVEN a cursor of a list', () => {
  const place = { type: 'facility', shard: 15 };
  const of = (...list: string[]) => ({ limit: 10, cursor: encodeCursor(place, 'mappings', ...list) });

  it('WHEN the same list goes on from it THEN it does, for each type or all', async () => {
    expect(await listMappings(stores, reference, of('acme', 'cmp-1', ''))).toMatchObject({ items: [] });
    const facilities = { type: 'facility' as const, ...of('acme', 'cmp-1', 'facility') };
    expect(await listMappings(stores, reference, facilities)).toEqual({ items: [] });
  });

  it.each([
    { name: 'of another type', list: ['acme', 'cmp-1', 'facility'] },
    { name: 'of all types', list: ['acme', 'cmp-1', ''] },
    { name: 'of another reference', list: ['acme', 'cmp-2', 'user'] },
    { name: 'of another account', list: ['other', 'cmp-1', 'user'] },
  ])('WHEN it is one of mappings $name THEN it is refused as a finding about the query', async ({ list }) => {
    await expect(listMappings(stores, reference, { type: 'user', ...of(...list) })).rejects.toMatchObject({
      code: 'invalid_request',
      members: { errors: [{ in: 'query', path: 'cursor', received: 'another one' }] },
    });
  });
});
