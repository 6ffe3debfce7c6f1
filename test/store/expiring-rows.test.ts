import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shardOf } from '../../lambdas/model/identity.ts';
import { rowScopeOf } from '../../lambdas/model/row-scope.ts';
import { TrackingTable } from '../../lambdas/store/tracking-table.ts';
import { newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const reportDays = 30;
const rows = [{ uniqueIdentifier: 'A', rowNumber: 2, data: {} }];

/** The second after which the row may go, as the table's time to live reads it. */
async function expiryOf(rowScope: 'reference' | 'action'): Promise<number | undefined> {
  const action = newAction({ rowScope });
  const scope = rowScopeOf(action);
  await new TrackingTable(stores.dynamodb, 'tracking', reportDays).insertPending(scope, action.actionId, rows);
  const pk = `${scope.accountId}#${scope.referenceId}#${scope.type}#${shardOf('A')}`;
  const { Item } = await stores.dynamodb.send(
    new GetItemCommand({ TableName: 'tracking', Key: { pk: { S: pk }, sk: { S: 'A' } }, ConsistentRead: true }),
  );
  expect(Item?.status?.S).toBe('pending');
  return Item?.expiresAt && Number(Item.expiresAt.N);
}

describe('GIVEN rows that are inserted', () => {
  it('WHEN they are one action’s own THEN they go with its report', async () => {
    const days = ((await expiryOf('action')) as number) / 86_400 - Date.now() / 86_400_000;
    expect(days).toBeGreaterThan(reportDays - 1);
    expect(days).toBeLessThanOrEqual(reportDays);
  });

  it('WHEN all actions of their reference share them THEN they stay', async () => {
    expect(await expiryOf('reference')).toBeUndefined();
  });
});
