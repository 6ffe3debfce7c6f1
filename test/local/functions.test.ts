import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemblyDirectory, type FixtureStack, startFixture } from './support/fixture-stack.ts';

interface ProbeAnswer {
  invocations: number;
  environment: Record<string, string>;
  remaining: number;
  functionName: string;
  date: string;
}

const stateDirectory = join(assemblyDirectory('functions'), '..', 'functions-state');
let stack: FixtureStack;
const probe = (event: unknown) => stack.invoke('Probe', event) as Promise<ProbeAnswer>;

beforeAll(async () => {
  rmSync(stateDirectory, { recursive: true, force: true });
  stack = await startFixture('functions', {
    stateDirectory,
    port: 4700,
    environmentOverrides: { '*': { FOR_ALL: 'yes' }, Probe: { GREETING: 'overridden' } },
  });
});
afterAll(() => stack.stop());

describe('a function on the local host', () => {
  test('GIVEN an answered invocation WHEN it is called again THEN the same thread answers', async () => {
    const { invocations: before } = await probe({});
    expect((await probe({})).invocations).toBe(before + 1);
  });

  test('GIVEN the template and overrides WHEN it reads its environment THEN it finds both, and the local endpoints', async () => {
    const { environment, functionName } = await probe({});
    expect(environment).toMatchObject({
      GREETING: 'overridden',
      FOR_ALL: 'yes',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_ENDPOINT_URL_DYNAMODB: stack.endpoints.dynamodb,
      AWS_ENDPOINT_URL_SFN: stack.endpoints.control,
      TOPIC_ARN: expect.stringMatching(/^arn:aws:sns:us-east-1:000000000000:/),
    });
    expect(environment).not.toHaveProperty('VITEST');
  });

  test('GIVEN a result that is no plain JSON WHEN it answers THEN the answer is as JSON makes it', async () => {
    const answer = await probe({});
    expect(answer.date).toBe('1970-01-01T00:00:00.000Z');
    expect(answer).not.toHaveProperty('nothing');
  });

  test('GIVEN a timeout of one second WHEN it works longer THEN it is ended and the error is named Sandbox.Timedout', async () => {
    await expect(probe({ waitMs: 5_000 })).rejects.toMatchObject({
      name: 'Sandbox.Timedout',
      message: expect.stringContaining('Task timed out after 1.00 seconds'),
    });
    expect((await probe({})).remaining).toBeGreaterThan(500);
  });

  test('GIVEN an error WHEN it is thrown THEN its name and message arrive', async () => {
    await expect(probe({ throws: 'PaperJamError' })).rejects.toMatchObject({
      name: 'PaperJamError',
      message: 'as asked',
    });
  });

  test('GIVEN a process that exits WHEN it is called THEN the invocation fails and the next one gets a new thread', async () => {
    await expect(probe({ exit: true })).rejects.toMatchObject({ name: 'Runtime.ExitError' });
    expect((await probe({})).invocations).toBe(1);
  });

  test('GIVEN the memory of the template WHEN it uses more THEN only this function fails', async () => {
    await expect(stack.invoke('Probe', { fill: true })).rejects.toThrow(/memory|timed out/i);
    expect((await probe({})).invocations).toBe(1);
  });

  test('GIVEN a reserved concurrency of two WHEN three callers come THEN the third is throttled', async () => {
    const calls = [1, 2, 3].map(() => probe({ waitMs: 200 }));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject({ name: 'Lambda.TooManyRequestsException' });
  });

  test('GIVEN a running invocation WHEN its function is killed THEN it fails at once', async () => {
    const call = probe({ waitMs: 900 });
    // The thread has surely begun when a second one, started later, has answered.
    await probe({});
    stack.killFunction('Probe');
    await expect(call).rejects.toMatchObject({ name: 'Runtime.ExitError' });
  });

  test('GIVEN output WHEN the function writes it THEN its log has one JSON object a line', async () => {
    await probe({ log: 'a line of text' });
    await probe({ log: JSON.stringify({ level: 'INFO', message: 'structured' }) });
    const log = readFileSync(join(stateDirectory, 'logs', `${(await probe({})).functionName}.ndjson`), 'utf8');
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(lines).toContainEqual(expect.objectContaining({ message: 'a line of text', requestId: expect.any(String) }));
    expect(lines).toContainEqual({ level: 'INFO', message: 'structured' });
  });

  test('GIVEN a name that does not exist WHEN it is invoked THEN the error names those that do', async () => {
    await expect(stack.invoke('Nobody', {})).rejects.toThrow(/no function Nobody.*Probe/);
  });
});
