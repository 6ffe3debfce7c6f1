import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRoots } from '../../lambdas/operations/browse-hierarchy.ts';
import { encodeCursor } from '../../lambdas/operations/cursor.ts';
import { listMappings } from '../../lambdas/operations/list-mappings.ts';
import { newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

const reference = { accountId: 'acme', referenceId: 'cmp-1' };
const home = { accountId: 'acme', entity: 'boundary' };
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
      const mappings = encodeCursor({ type: 'facility', shard: 0, after });
      const children = encodeCursor({ parent: '', after });
      const refused = { code: 'invalid_request' };
      await expect(listMappings(stores, reference, { limit: 10, cursor: mappings })).rejects.toMatchObject(refused);
      await expect(listRoots(stores.entityIndex, home, { limit: 10, cursor: children })).rejects.toMatchObject(refused);
    },
  );

  it('WHEN one names a key that is not there THEN the list goes on behind where it would be', async () => {
    const mappings = encodeCursor({ type: 'facility', shard: 15, after: 'é' });
    expect(await listMappings(stores, reference, { limit: 10, cursor: mappings })).toMatchObject({ items: [] });
    const children = encodeCursor({ parent: '', after: 'é' });
    expect(await listRoots(stores.entityIndex, home, { limit: 10, cursor: children })).toEqual({ items: [] });
  });
});
