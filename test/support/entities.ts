import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import type { z } from 'zod';
import type { bulkActionListSchema } from '../../lambdas/model/api.ts';
import { adminAccountId } from '../../lambdas/model/api-key.ts';
import { shardCount } from '../../lambdas/model/identity.ts';
import type { RollcallClient } from './client.ts';
import type { StackAddress, StackResources } from './stack-address.ts';

/** An entity as the registry keeps it. */
export interface Entity {
  readonly entityId: string;
  readonly uniqueIdentifier: string;
  readonly data: Record<string, unknown>;
}

/** Whose entities, and what they were made of. */
export interface EntityScope {
  readonly accountId?: string;
  readonly entity: string;
  readonly referenceId: string;
}

/** Emulators take any credentials; AWS finds its own. */
export const emulatorCredentials = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

export function documents({ endpoints }: StackResources): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(
    new DynamoDBClient(endpoints ? { ...emulatorCredentials, endpoint: endpoints.dynamodb } : {}),
  );
}

/** The entities of a reference. */
export async function readEntities(resources: StackResources, scope: EntityScope): Promise<Entity[]> {
  const client = documents(resources);
  const found: Entity[] = [];
  for (let shard = 0; shard < shardCount; shard++) {
    const pages = paginateQuery(
      { client },
      {
        TableName: resources.registryTable,
        KeyConditionExpression: 'pk = :pk',
        FilterExpression: 'referenceId = :reference',
        ExpressionAttributeValues: {
          ':pk': `${scope.accountId ?? adminAccountId}#${scope.entity}#${shard}`,
          ':reference': scope.referenceId,
        },
        ConsistentRead: true,
      },
    );
    for await (const { Items = [] } of pages) {
      found.push(
        ...Items.map(({ sk, uniqueIdentifier, data }) => ({ entityId: sk, uniqueIdentifier, data: JSON.parse(data) })),
      );
    }
  }
  return found;
}

/**
 * Holds a reference to the promise that a row becomes an entity once: there are as many entities as all its actions
 * together say they created, each of its own row. Where the registry is out of reach nothing is answered.
 */
export async function expectExactlyOnce(
  stack: StackAddress,
  client: RollcallClient,
  scope: EntityScope,
): Promise<Entity[]> {
  if (!stack.resources) return [];
  const entities = await readEntities(stack.resources, scope);
  const { items } = await client.read<z.infer<typeof bulkActionListSchema>>(
    `/api/bulk-actions?referenceId=${scope.referenceId}&limit=1000`,
  );
  const created = items.reduce((sum, { counts, revived }) => sum + counts.created + revived.created, 0);
  expect(new Set(entities.map(({ uniqueIdentifier }) => uniqueIdentifier)).size).toBe(entities.length);
  expect(entities.length).toBe(created);
  return entities;
}
