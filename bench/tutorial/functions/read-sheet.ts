/** The tutorial's reader: each row of the sheet is written down and sent on, one after the other. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { parse } from 'csv-parse';

const { ROWS_TABLE, QUEUE_URL } = process.env;
const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
const sqs = new SQSClient({});

interface ObjectCreated {
  readonly detail: { readonly bucket: { readonly name: string }; readonly object: { readonly key: string } };
}

export async function handler({ detail }: ObjectCreated): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: detail.bucket.name, Key: detail.object.key }));
  const rows = (Body as NodeJS.ReadableStream).pipe(parse({ columns: true, bom: true }));
  for await (const row of rows as AsyncIterable<Record<string, string>>) {
    const id = row.facilityName as string;
    const rowData = JSON.stringify(row);
    await dynamodb.send(
      new PutItemCommand({
        TableName: ROWS_TABLE,
        Item: { id: { S: id }, status: { S: 'pending' }, rowData: { S: rowData } },
        ConditionExpression: 'attribute_not_exists(id)',
      }),
    );
    await sqs.send(new SendMessageCommand({ QueueUrl: QUEUE_URL, MessageBody: JSON.stringify({ id, rowData }) }));
  }
}
