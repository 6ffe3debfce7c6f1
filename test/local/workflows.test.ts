import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FixtureStack, startFixture } from './support/fixture-stack.ts';

let stack: FixtureStack;

beforeAll(async () => {
  stack = await startFixture('workflows', { logTo: 'none' });
});
afterAll(() => stack.stop());

describe('the states language', () => {
  test('GIVEN the context object and a result path of $ WHEN a state uses them THEN it gets name, machine and input', async () => {
    const { output } = await stack.execute({ some: 'input' }, 'named-run');
    expect(output).toEqual({ name: 'named-run', machine: stack.nameOf('Machine'), input: { some: 'input' } });
  });

  test('GIVEN a function that fails twice WHEN its error is retried twice THEN the third answer counts', async () => {
    const { status, output } = await stack.execute({ way: 'retry', key: 'twice', failTimes: 2 });
    expect([status, output.attempts]).toEqual(['SUCCEEDED', 3]);
  });

  test('GIVEN retries used up WHEN it fails once more THEN Catch gets the name and the cause as JSON', async () => {
    const { output } = await stack.execute({ way: 'retry', key: 'thrice', failTimes: 3 });
    expect(output.failure.Error).toBe('TransientError');
    expect(JSON.parse(output.failure.Cause)).toMatchObject({ errorType: 'TransientError', errorMessage: 'attempt 3' });
  });

  test('GIVEN an error of another name WHEN it is thrown THEN it is not retried', async () => {
    const { output } = await stack.execute({ way: 'retry', key: 'other', failTimes: 1, errorName: 'PermanentError' });
    expect([output.failure.Error, await stack.items('task#other')]).toMatchObject([
      'PermanentError',
      [{ attempts: '1' }],
    ]);
  });

  test('GIVEN a Map WHEN its items run THEN each sees its value and the name of the whole execution', async () => {
    const { output } = await stack.execute({ way: 'map', prefix: 'item', items: ['a', 'b', 'c'] }, 'mapped');
    expect(output.results).toEqual([0, 1, 2].map((index) => ({ key: `item-${index}`, value: 'mapped' })));
  });

  test('GIVEN a task timeout WHEN the function takes longer THEN Catch gets States.Timeout', async () => {
    const { output } = await stack.execute({ way: 'late', key: 'late', waitMs: 3_000 });
    expect(output.failure.Error).toBe('States.Timeout');
  });

  test('GIVEN events, topics and queues WHEN tasks call them THEN all have it', async () => {
    const { status } = await stack.execute({ way: 'services', id: 'told' });
    expect(status).toBe('SUCCEEDED');
    await stack.waitUntilIdle();
    expect(await stack.items('event#told')).toHaveLength(1);
    const response = await fetch(`${stack.endpoints.sqs}/_fauxqs/queues/${stack.nameOf('Events')}`);
    const { messages } = (await response.json()) as { messages: { ready: Array<{ body: string }> } };
    const bodies = messages.ready.map(({ body }) => body);
    expect(bodies).toEqual(expect.arrayContaining(['told', '{"id":"told"}']));
  });

  test('GIVEN a child execution WHEN it succeeds THEN its output is the result, as JSON', async () => {
    const { output } = await stack.execute({ way: 'child', input: { way: 'retry', key: 'child', value: 7 } });
    expect(output).toEqual({ output: { key: 'child', attempts: 1, value: 7 } });
  });

  test('GIVEN a child execution WHEN it fails THEN Catch gets States.TaskFailed with its error', async () => {
    const { output } = await stack.execute({ way: 'child', input: { way: 'nowhere' } });
    expect(JSON.parse(output.failure.Cause)).toMatchObject({
      Status: 'FAILED',
      Error: 'UnknownWay',
      Cause: 'no such way',
    });
  });

  test('GIVEN a Fail state WHEN it is reached THEN the execution has its error and cause', async () => {
    expect(await stack.execute({ way: 'nowhere' })).toMatchObject({
      status: 'FAILED',
      error: 'UnknownWay',
      cause: 'no such way',
    });
  });
});

describe('names of executions', () => {
  const start = (name: string, input: unknown) =>
    stack.call<{ executionArn: string }>('start', { name, input: JSON.stringify(input) });
  const waiting = { way: 'wait', seconds: 1, key: 'names' };

  test('GIVEN a running execution WHEN it is started again with the same input THEN it is the same one', async () => {
    const first = await start('same', waiting);
    expect(await start('same', waiting)).toEqual(first);
  });

  test('GIVEN a running execution WHEN the input differs THEN it is refused', async () => {
    await start('differs', waiting);
    await expect(start('differs', { ...waiting, key: 'x' })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  test('GIVEN an ended execution WHEN its name is used again THEN it is refused', async () => {
    await stack.execute({}, 'ended');
    await expect(start('ended', {})).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  test('GIVEN a running execution WHEN it is stopped THEN it is aborted and its next state does not run', async () => {
    const { executionArn } = await start('stopped', { ...waiting, key: 'stopped' });
    await stack.call('stop', { executionArn, error: 'Enough', cause: 'a test' });
    await stack.waitUntilIdle();
    expect(await stack.call('describe', executionArn)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'a test',
    });
    expect(await stack.items('task#stopped')).toEqual([]);
  });

  test('GIVEN executions WHEN they are listed by status THEN those of that status come, and the history says how they went', async () => {
    await stack.execute({ way: 'nowhere' }, 'listed');
    const { executions } = await stack.call<{
      executions: Array<{ name: string; status: string; executionArn: string }>;
    }>('list', 'FAILED');
    const listed = executions.find(({ name }) => name === 'listed');
    expect(new Set(executions.map(({ status }) => status))).toEqual(new Set(['FAILED']));
    const { events } = await stack.call<{ events: Array<{ type: string }> }>('history', listed?.executionArn);
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'ChoiceStateEntered',
      'ChoiceStateExited',
      'FailStateEntered',
      'TaskFailed',
      'ExecutionFailed',
    ]);
  });
});
