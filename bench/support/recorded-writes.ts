import { Agent, request } from 'node:http';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { startDynoxide } from '../../local/emulators/dynoxide.ts';
import type { AwsRequest, Interception } from '../../local/faults/aws-interceptor.ts';
import { freePort } from './free-port.ts';
import { type BenchStack, startBenchStack } from './stack.ts';

const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const callsAtATime = 8;

/** Where a stack's tables are. */
export interface TablesPlace {
  readonly endpoint: string;
  /** The stack's outputs, which name them. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** What is there before a run, and not timed: what the stack itself does, and what is put into its tables directly. */
export interface Before {
  readonly prepare?: (stack: BenchStack) => Promise<void>;
  readonly seed?: (place: TablesPlace) => Promise<void>;
}

/** The bulk writes of a run, as they went to DynamoDB: bodies of BatchExecuteStatement, in order. */
interface Recording {
  readonly place: Omit<TablesPlace, 'endpoint'>;
  readonly tables: readonly TableDescription[];
  /** What prepared the run; not timed when it is played. */
  readonly before: readonly string[];
  readonly bodies: readonly string[];
}

/**
 * The ceiling: the very writes of a smaller run of the same kind, sent raw to the same emulator, fresh and with nothing
 * else to do, by the barest client there is (kept-alive sockets and recorded bodies; no SDK, no signature). Writes a
 * second.
 */
export async function ceilingOf(run: (stack: BenchStack) => Promise<void>, before: Before = {}): Promise<number> {
  return play(await record(run, before), before);
}

async function record(run: (stack: BenchStack) => Promise<void>, { prepare, seed }: Before): Promise<Recording> {
  const bodies: string[] = [];
  const interceptor = ({ operation, body }: AwsRequest): Interception => {
    if (operation === 'BatchExecuteStatement') bodies.push(body);
    return 'pass';
  };
  const stack = await startBenchStack({ interceptor });
  try {
    const { outputs, endpoints } = stack.local;
    await seed?.({ endpoint: endpoints.dynamodb, outputs });
    await prepare?.(stack);
    const before = bodies.splice(0);
    await run(stack);
    return { place: { outputs }, tables: await tablesOf(endpoints.dynamodb), before, bodies };
  } finally {
    await stack.stop();
  }
}

async function play({ place, tables, before, bodies }: Recording, { seed }: Before): Promise<number> {
  const port = await freePort();
  const emulator = await startDynoxide({
    port,
    onExit: (reason) => {
      throw new Error(reason);
    },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: callsAtATime });
  try {
    await createTables(emulator.url, tables);
    await seed?.({ endpoint: emulator.url, ...place });
    await playAll(emulator.url, agent, before);
    const started = performance.now();
    await playAll(emulator.url, agent, bodies);
    return writesOf(bodies) / ((performance.now() - started) / 1000);
  } finally {
    agent.destroy();
    await emulator.stop();
  }
}

function writesOf(bodies: readonly string[]): number {
  return bodies.reduce((sum, body) => sum + (JSON.parse(body) as { Statements: unknown[] }).Statements.length, 0);
}

async function playAll(url: string, agent: Agent, bodies: readonly string[]): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < bodies.length; index = next++) await post(url, agent, bodies[index] as string);
  };
  await Promise.all(Array.from({ length: callsAtATime }, worker));
}

async function tablesOf(endpoint: string): Promise<TableDescription[]> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const described = await Promise.all(
    TableNames.map((TableName) => client.send(new DescribeTableCommand({ TableName }))),
  );
  return described.flatMap(({ Table }) => Table ?? []);
}

async function createTables(endpoint: string, tables: readonly TableDescription[]): Promise<void> {
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

function post(url: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.BatchExecuteStatement',
        authorization:
          'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
        'x-amz-date': '20260101T000000Z',
        'content-length': Buffer.byteLength(body),
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        // A write that was refused for another reason than its condition would make the ceiling a wrong one.
        const fault = /"Code":"(?!DuplicateItem|ConditionalCheckFailed)(\w+)"/.exec(text);
        if (response.statusCode === 200 && !fault) resolve();
        else reject(new Error(`A recorded write was answered ${response.statusCode} ${fault?.[1] ?? ''}`));
      });
    });
    sent.end(body);
  });
}
