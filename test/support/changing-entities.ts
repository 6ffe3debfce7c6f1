import { DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { shardCount } from '../../lambdas/model/identity.ts';
import { isThere, toState } from '../../lambdas/store/entity-state.ts';
import { emulatorCredentials } from './entities.ts';
import type { StackResources } from './stack-address.ts';

/** The fields of all entities of a kind that can change, by id, straight from the registry. */
export async function changingEntities(
  { endpoints, registryTable }: StackResources,
  { accountId, entity }: { accountId: string; entity: string },
): Promise<Map<string, Readonly<Record<string, unknown>>>> {
  const client = new DynamoDBClient(endpoints ? { ...emulatorCredentials, endpoint: endpoints.dynamodb } : {});
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  for (let shard = 0; shard < shardCount; shard++) {
    const pages = paginateQuery(
      { client },
      {
        TableName: registryTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: `${accountId}#${entity}#${shard}` } },
        ConsistentRead: true,
      },
    );
    for await (const { Items = [] } of pages) {
      for (const item of Items) {
        const state = toState(item);
        if (isThere(state)) found.set(item.sk?.S as string, state.data);
      }
    }
  }
  return found;
}
