import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';

const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };

/** All tables of an emulator. */
export async function tablesOf(endpoint: string): Promise<TableDescription[]> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const described = await Promise.all(
    TableNames.map((TableName) => client.send(new DescribeTableCommand({ TableName }))),
  );
  return described.flatMap(({ Table }) => Table ?? []);
}

/** Makes tables with the same names, keys and indexes in another emulator. */
export async function createTables(endpoint: string, tables: readonly TableDescription[]): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  for (const { TableName, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } of tables) {
    await client.send(
      new CreateTableCommand({
        TableName,
        KeySchema,
        AttributeDefinitions,
        BillingMode: 'PAY_PER_REQUEST',
        ...(GlobalSecondaryIndexes && {
          GlobalSecondaryIndexes: GlobalSecondaryIndexes.map((index) => ({
            IndexName: index.IndexName,
            KeySchema: index.KeySchema,
            Projection: index.Projection,
          })),
        }),
      }),
    );
  }
}
