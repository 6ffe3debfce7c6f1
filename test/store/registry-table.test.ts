import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shardOf } from '../../lambdas/model/identity.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const origin = {
  accountId: 'acme',
  entity: 'facility',
  referenceId: 'cmp-1',
  processName: 'facilityCreation',
  actionId: 'first',
};

async function stored(entityId: string) {
  const answer = await stores.dynamodb.send(
    new QueryCommand({
      TableName: stores.registryTable,
      KeyConditionExpression: 'pk = :pk AND sk = :sk',
      ExpressionAttributeValues: { ':pk': { S: `acme#facility#${shardOf(entityId)}` }, ':sk': { S: entityId } },
    }),
  );
  return (answer.Items ?? []).map(({ data, actionId }) => [JSON.parse(data?.S ?? ''), actionId?.S]);
}

describe('GIVEN an entity that an attempt created without living to say so', () => {
  it('WHEN the same action creates it again THEN it stays as it is', async () => {
    const entity = { entityId: 'e1', uniqueIdentifier: 'A', data: { capacity: 1 } };
    await stores.registry.create(origin, [entity]);
    await stores.registry.create(origin, [entity]);
    expect(await stored('e1')).toEqual([[{ capacity: 1 }, 'first']]);
  });

  it('WHEN a later action brings the row corrected THEN there is still one entity, with the new values', async () => {
    await stores.registry.create(origin, [{ entityId: 'e2', uniqueIdentifier: 'B', data: { capacity: 1 } }]);
    await stores.registry.create({ ...origin, actionId: 'second' }, [
      { entityId: 'e2', uniqueIdentifier: 'B', data: { capacity: 2 } },
      { entityId: 'e3', uniqueIdentifier: 'C', data: { capacity: 3 } },
    ]);
    expect(await stored('e2')).toEqual([[{ capacity: 2 }, 'first']]);
    expect(await stored('e3')).toEqual([[{ capacity: 3 }, 'second']]);
  });
});
