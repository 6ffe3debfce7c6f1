import { CreateTableCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { LocalStack } from '../local/local-stack.ts';
import { facilityHeaders, facilityRows } from './sheets/generate.ts';
import type { Bench } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack } from './support/stack.ts';

const pipelineRows = Number(process.env.BENCH_ROWS ?? 50_000);
/** The pattern's pace does not change with its length, so fewer rows tell as much. */
const tutorialRows = 4_000;
const sendersAtATime = 16;
const consumersAtATime = 16;

/**
 * The pattern that tutorials show: for each row a put, a message, then a consumer that creates the entity, updates the
 * row and deletes the message. Same rows, same emulators, same machine, in one run.
 */
export const tutorial: Bench = {
  name: 'tutorial',
  title: 'Against the tutorial pattern (per row: PutItem, SendMessage, PutItem, UpdateItem, DeleteMessage)',
  async run() {
    const sheet = await facilitySheet(pipelineRows);
    const stack = await startBenchStack();
    try {
      const before = performance.now();
      await stack.run(sheet, { processName: 'facilityCreation', referenceId: 'bench' });
      const rollcall = pipelineRows / ((performance.now() - before) / 1000);
      const pattern = await tutorialRowsPerSecond(stack.local.endpoints);
      return [
        { name: 'rollcall', value: rollcall, unit: 'rows/s' },
        {
          name: 'tutorial',
          value: pattern,
          unit: 'rows/s',
          note: `${tutorialRows} rows, ${consumersAtATime} consumers`,
        },
        { name: 'ratio', value: rollcall / pattern, unit: 'times', atLeast: 6 },
      ];
    } finally {
      await stack.stop();
    }
  },
};

async function tutorialRowsPerSecond(endpoints: LocalStack['endpoints']): Promise<number> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const dynamodb = new DynamoDBClient({ endpoint: endpoints.dynamodb, region: 'us-east-1', credentials });
  const sqs = new SQSClient({ endpoint: endpoints.sqs, region: 'us-east-1', credentials });
  await createTable(dynamodb, 'tutorial-rows');
  await createTable(dynamodb, 'tutorial-entities');
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'tutorial-rows' }));
  const started = performance.now();
  await Promise.all([send(dynamodb, sqs, QueueUrl as string), consume(dynamodb, sqs, QueueUrl as string)]);
  return tutorialRows / ((performance.now() - started) / 1000);
}

async function send(dynamodb: DynamoDBClient, sqs: SQSClient, queueUrl: string): Promise<void> {
  const rows = facilityRows(tutorialRows);
  const sender = async () => {
    for (const cells of rows) {
      const id = cells[0] as string;
      const rowData = JSON.stringify(
        Object.fromEntries(facilityHeaders.map((header, index) => [header, cells[index]])),
      );
      const item = { id: { S: id }, status: { S: 'pending' }, rowData: { S: rowData } };
      await dynamodb.send(
        new PutItemCommand({ TableName: 'tutorial-rows', Item: item, ConditionExpression: 'attribute_not_exists(id)' }),
      );
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ id, rowData }) }));
    }
  };
  await Promise.all(Array.from({ length: sendersAtATime }, sender));
}

async function consume(dynamodb: DynamoDBClient, sqs: SQSClient, queueUrl: string): Promise<void> {
  let done = 0;
  const settle = async (body: string, receipt: string) => {
    const { id, rowData } = JSON.parse(body) as { id: string; rowData: string };
    await dynamodb.send(
      new PutItemCommand({ TableName: 'tutorial-entities', Item: { id: { S: id }, data: { S: rowData } } }),
    );
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: 'tutorial-rows',
        Key: { id: { S: id } },
        UpdateExpression: 'SET #status = :success',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':success': { S: 'success' } },
      }),
    );
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receipt }));
    done += 1;
  };
  const consumer = async () => {
    while (done < tutorialRows) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      for (const message of Messages) await settle(message.Body as string, message.ReceiptHandle as string);
    }
  };
  await Promise.all(Array.from({ length: consumersAtATime }, consumer));
}

async function createTable(dynamodb: DynamoDBClient, name: string): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
}
