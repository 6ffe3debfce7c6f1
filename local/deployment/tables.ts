/** Creates the template's DynamoDB tables, and index by index what was added to them since. */
import { setTimeout as delay } from 'node:timers/promises';
import type { StackModel } from '../assembly/stack-model.ts';

interface KeyElement {
  AttributeName: string;
  KeyType: string;
}

interface Index {
  IndexName: string;
  KeySchema: KeyElement[];
  Projection: Record<string, unknown>;
}

interface TableProperties {
  KeySchema: KeyElement[];
  AttributeDefinitions: Array<{ AttributeName: string; AttributeType: string }>;
  GlobalSecondaryIndexes?: Index[];
  LocalSecondaryIndexes?: Index[];
}

export async function createTables(stack: StackModel, url: string): Promise<void> {
  const tables = stack.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
  await Promise.all(
    tables.map((resource) =>
      createTable(url, stack.nameOf(resource.logicalId), stack.properties<TableProperties>(resource)),
    ),
  );
}

async function createTable(url: string, name: string, properties: TableProperties): Promise<void> {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes } = properties;
  const existing = await describeTable(url, name);
  if (existing) return addIndexes(url, name, existing, properties);
  await callDynamoDb(url, 'CreateTable', {
    TableName: name,
    KeySchema,
    AttributeDefinitions,
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: GlobalSecondaryIndexes?.map(indexDefinition),
    LocalSecondaryIndexes: LocalSecondaryIndexes?.map(indexDefinition),
  });
  await untilActive(url, name);
}

/** Throughput settings, which on-demand tables do not have, are left behind. */
function indexDefinition({ IndexName, KeySchema, Projection }: Index): Index {
  return { IndexName, KeySchema, Projection };
}

async function addIndexes(
  url: string,
  name: string,
  existing: Table,
  { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes = [] }: TableProperties,
): Promise<void> {
  const keys = (schema: KeyElement[]) =>
    schema
      .map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`)
      .sort()
      .join(', ');
  if (keys(existing.KeySchema) !== keys(KeySchema)) {
    throw new Error(
      `The table ${name} in the state directory has the key ${keys(existing.KeySchema)}, the stack's has ${keys(KeySchema)}. DynamoDB cannot change a key: remove the state directory, or use another one.`,
    );
  }
  const known = new Set(existing.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName));
  for (const index of GlobalSecondaryIndexes.filter(({ IndexName }) => !known.has(IndexName))) {
    await callDynamoDb(url, 'UpdateTable', {
      TableName: name,
      AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [{ Create: indexDefinition(index) }],
    });
    await untilActive(url, name);
  }
}

interface Table {
  TableStatus: string;
  KeySchema: KeyElement[];
  GlobalSecondaryIndexes?: Array<{ IndexName: string; IndexStatus?: string }>;
}

async function describeTable(url: string, name: string): Promise<Table | undefined> {
  const { Table: table } = await callDynamoDb<{ Table?: Table }>(
    url,
    'DescribeTable',
    { TableName: name },
    'ResourceNotFoundException',
  );
  return table;
}

async function untilActive(url: string, name: string): Promise<void> {
  while (true) {
    const table = await describeTable(url, name);
    const indexes = table?.GlobalSecondaryIndexes ?? [];
    if (table?.TableStatus === 'ACTIVE' && indexes.every(({ IndexStatus = 'ACTIVE' }) => IndexStatus === 'ACTIVE'))
      return;
    await delay(10);
  }
}

/** The whole SDK would cost more start-up time than these few calls. */
async function callDynamoDb<T>(url: string, operation: string, input: unknown, expectedError?: string): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20300101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20300101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
    },
    body: JSON.stringify(input),
  });
  const answer = (await response.json()) as T & { __type?: string; message?: string; Message?: string };
  if (response.ok) return answer;
  if (expectedError && answer.__type?.endsWith(expectedError)) return {} as T;
  throw new Error(`The local DynamoDB refused ${operation}: ${answer.__type} ${answer.message ?? answer.Message}`);
}
