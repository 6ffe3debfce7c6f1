/** Boots the fixture for a test file and looks into its tables. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { type LocalStack, startLocalStack } from '../../../local/local-stack.ts';
import type { LocalStackOptions } from '../../../local/local-stack-options.ts';
import { type FixtureSettings, synthesizeFixture } from '../fixture/fixture-app.ts';

/** Inside the repository, so that the fixture's functions find the AWS SDK. */
export function assemblyDirectory(name: string): string {
  return join(import.meta.dirname, '../../../dist/test-local', name);
}

export interface FixtureStack extends LocalStack {
  reports: string[];
  /** The items of one partition of the fixture's table. */
  items(partition: string): Promise<Array<Record<string, string>>>;
  /** Calls AWS from inside a function. */
  call<T>(action: string, input?: unknown): Promise<T>;
  /** Starts the state machine and answers its end. */
  execute(input: unknown, name?: string): Promise<ExecutionResult>;
}

export interface ExecutionResult {
  status: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the test is about
  output: any;
  error?: string;
  cause?: string;
}

export async function startFixture(
  name: string,
  options: Partial<LocalStackOptions> & { settings?: FixtureSettings } = {},
): Promise<FixtureStack> {
  const directory = synthesized(name, options.settings);
  const reports: string[] = [];
  const stack = await startLocalStack({
    assemblyDirectory: directory,
    port: 0,
    // The queue's own half a minute would be waited for at each failure.
    redeliverAfterSeconds: 0,
    report: (message) => reports.push(message),
    ...options,
  });
  return { ...withFixtureCalls(stack), reports };
}

const known = new Map<string, string>();

/** Synthesizing takes longer than starting: once a file is enough while the settings are the same. */
function synthesized(name: string, settings?: FixtureSettings): string {
  const directory = assemblyDirectory(name);
  const wanted = JSON.stringify(settings ?? {});
  if (known.get(name) !== wanted) synthesizeFixture(directory, settings);
  known.set(name, wanted);
  return directory;
}

export function withFixtureCalls(stack: LocalStack): FixtureStack {
  const client = localDynamoDb(stack.endpoints.dynamodb);
  const call = <T>(action: string, input?: unknown) => stack.invoke('Caller', { action, input }) as Promise<T>;
  return {
    ...stack,
    reports: [],
    call,
    items: (partition) => readPartition(client, stack.nameOf('Table'), partition),
    async execute(input, name) {
      const { executionArn } = await call<{ executionArn: string }>('start', { name, input: JSON.stringify(input) });
      return eventually(async () => {
        const { status, output, error, cause } = await call<ExecutionResult>('describe', executionArn);
        if (status === 'RUNNING') throw new Error('still running');
        return { status, output: output && JSON.parse(output), error, cause };
      });
    },
  };
}

export function localDynamoDb(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

export async function readPartition(
  client: DynamoDBClient,
  TableName: string,
  partition: string,
): Promise<Array<Record<string, string>>> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: partition } },
    }),
  );
  return Items.map((item) =>
    Object.fromEntries(Object.entries(item).map(([key, value]) => [key, value.S ?? value.N ?? ''])),
  );
}

const PATIENCE_MS = 20_000;

/** Asks again until the answer is no error. */
export async function eventually<T>(ask: () => Promise<T> | T): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  while (true) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(20);
    }
  }
}
