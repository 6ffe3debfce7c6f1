/** The tutorial's consumer: each message becomes an entity, and its row is updated. */
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

const { ROWS_TABLE, ENTITIES_TABLE } = process.env;
const dynamodb = new DynamoDBClient({});

interface QueueEvent {
  readonly Records: readonly { readonly body: string }[];
}

export async function handler({ Records }: QueueEvent): Promise<void> {
  for (const { body } of Records) {
    const { id, rowData } = JSON.parse(body) as { id: string; rowData: string };
    await dynamodb.send(
      new PutItemCommand({ TableName: ENTITIES_TABLE, Item: { id: { S: id }, data: { S: rowData } } }),
    );
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: ROWS_TABLE,
        Key: { id: { S: id } },
        UpdateExpression: 'SET #status = :success',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':success': { S: 'success' } },
      }),
    );
  }
}
