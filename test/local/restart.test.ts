import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLocalStack } from '../../local/local-stack.ts';
import { synthesizeFixture } from './fixture/fixture-app.ts';
import { assemblyDirectory, eventually, type FixtureStack, withFixtureCalls } from './support/fixture-stack.ts';

const assembly = assemblyDirectory('restart');
const stateDirectory = join(assembly, '..', 'restart-state');
const PORT = 4760;

interface RunningStack {
  process: ChildProcess;
  endpoints: { s3: string; control: string };
  bucket: string;
  queue: string;
}

async function startInOwnProcess(): Promise<RunningStack> {
  const script = join(import.meta.dirname, 'support/run-stack.ts');
  const child = spawn(process.execPath, [script, assembly, stateDirectory, String(PORT)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    return { process: child, ...JSON.parse(line) };
  }
  throw new Error('The stack ended before it was up.');
}

async function callControl(control: string, target: string, input: unknown): Promise<unknown> {
  const response = await fetch(control, {
    method: 'POST',
    headers: { 'x-amz-target': target },
    body: JSON.stringify(input),
  });
  expect(response.status).toBe(200);
  return response.json();
}

/** Sends a message and returns once a function has it. */
async function holdMessage({ endpoints, queue }: RunningStack, message: unknown): Promise<void> {
  const response = await fetch(endpoints.s3, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: JSON.stringify({ QueueUrl: `${endpoints.s3}/000000000000/${queue}`, MessageBody: JSON.stringify(message) }),
  });
  expect(response.status).toBe(200);
  await eventually(async () => {
    const { messages } = (await (await fetch(`${endpoints.s3}/_fauxqs/queues/${queue}`)).json()) as {
      messages: { inflight: unknown[] };
    };
    expect(messages.inflight).toHaveLength(1);
  });
}

const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:';

describe('a stack that was killed', () => {
  let stack: FixtureStack;

  beforeAll(async () => {
    rmSync(stateDirectory, { recursive: true, force: true });
    synthesizeFixture(assembly);
    const running = await startInOwnProcess();
    const { stateMachines } = (await callControl(
      running.endpoints.control,
      'AWSStepFunctions.ListStateMachines',
      {},
    )) as {
      stateMachines: Array<{ stateMachineArn: string }>;
    };
    const stateMachineArn = stateMachines[0]?.stateMachineArn ?? machineArn;
    const start = (name: string, input: unknown) =>
      callControl(running.endpoints.control, 'AWSStepFunctions.StartExecution', {
        stateMachineArn,
        name,
        input: JSON.stringify(input),
      });
    const waiting = (key: string) => ({ way: 'wait', seconds: 2, key });
    await start('interrupted', waiting('interrupted'));
    await start('parent', { way: 'child', input: waiting('child') });
    const schedule = {
      ScheduleExpression: `at(${new Date(Date.now() + 1_000).toISOString().slice(0, 19)})`,
      Target: { Arn: stateMachineArn, Input: JSON.stringify({ way: 'retry', key: 'scheduled' }) },
    };
    const scheduled = await fetch(`${running.endpoints.control}/schedules/later`, {
      method: 'POST',
      body: JSON.stringify(schedule),
    });
    expect(scheduled.status).toBe(200);
    const client = new S3Client({
      endpoint: running.endpoints.s3,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await client.send(new PutObjectCommand({ Bucket: running.bucket, Key: 'inbox/told.csv', Body: 'x' }));
    await client.send(new PutObjectCommand({ Bucket: running.bucket, Key: 'inbox/owed.csv', Body: 'x' }));
    await holdMessage(running, { id: 'held', waitMs: 4_000 });
    running.process.kill('SIGKILL');
    await new Promise((resolve) => running.process.once('exit', resolve));
    forgetEventOf('inbox/owed.csv');
    stack = withFixtureCalls(
      await startLocalStack({ assemblyDirectory: assembly, stateDirectory, port: PORT, logTo: 'none' }),
    );
  });
  afterAll(() => stack?.stop());

  /** As if the kill had come between the object and its event, which no test can time. */
  function forgetEventOf(key: string): void {
    const journal = new DatabaseSync(join(stateDirectory, 'journal.sqlite'));
    journal.prepare('DELETE FROM deliveries WHERE payload LIKE ?').run(`%${key}%`);
    const [latest] = journal.prepare('SELECT modified FROM object_events_latest WHERE key = ?').all(key);
    expect(latest).toBeDefined();
    journal.prepare('DELETE FROM object_events_latest WHERE key = ?').run(key);
    journal.exec('UPDATE object_events_until SET modified = modified - 1');
    journal.close();
  }

  test('GIVEN its former process WHEN it starts on the same ports THEN it holds the state directory again', () => {
    expect(stack.apiUrl).toBe(`http://127.0.0.1:${PORT}`);
  });

  test('GIVEN an execution that ran WHEN the stack is back THEN it runs from its beginning under its name, to its end', async () => {
    await eventually(async () => expect(await stack.items('task#interrupted')).toMatchObject([{ attempts: '1' }]));
    const arn = `arn:aws:states:us-east-1:000000000000:execution:${stack.nameOf('Machine')}:interrupted`;
    await eventually(async () => expect(await stack.call('describe', arn)).toMatchObject({ status: 'SUCCEEDED' }));
  });

  test('GIVEN a child execution without a name WHEN its parent runs again THEN the child runs once', async () => {
    await stack.waitUntilIdle();
    expect(await stack.items('task#child')).toMatchObject([{ attempts: '1' }]);
  });

  test('GIVEN a message that was being handled WHEN the stack is back THEN it is handled without its timeout being waited for', async () => {
    await eventually(async () => expect(await stack.items('message#held')).toMatchObject([{ sk: '2' }]));
  });

  test('GIVEN a schedule WHEN its time passed while the stack was down or came later THEN its target is called', async () => {
    await eventually(async () => expect(await stack.items('task#scheduled')).toMatchObject([{ attempts: '1' }]));
  });

  test('GIVEN an object whose event was never written down WHEN the stack is back THEN its event comes', async () => {
    await eventually(async () => expect((await stack.items('event#inbox/owed.csv')).length).toBe(1));
    expect((await stack.items('event#inbox/told.csv')).length).toBeGreaterThanOrEqual(1);
  });
});
