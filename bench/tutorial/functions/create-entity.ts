/** The tutorial's consumer: each message becomes an entity, its row is updated, and the message is deleted. */
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const { ROWS_TABLE, ENTITIES_TABLE, QUEUE_URL } = process.env;
const dynamodb = new DynamoDBClient({});
const sqs = new SQSClient({});

interface QueueEvent {
  readonly Records: readonly { readonly body: string; readonly receiptHandle: string }[];
}

export async function handler({ Records }: QueueEvent): Promise<void> {
  for (const { body, receiptHandle } of Records) {
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
    await sqs.send(new DeleteMessageCommand({ QueueUrl: QUEUE_URL, ReceiptHandle: receiptHandle }));
  }
}
