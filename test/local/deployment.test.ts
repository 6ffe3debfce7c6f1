import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemblyDirectory, eventually, startFixture } from './support/fixture-stack.ts';

const stateDirectory = join(assemblyDirectory('deployment'), '..', 'deployment-state');

describe('a stack that starts', () => {
  test('GIVEN a state directory WHEN the stack starts again THEN custom resources, secrets and tables are as before, and changes are updates', async () => {
    rmSync(stateDirectory, { recursive: true, force: true });
    const options = { stateDirectory, port: 4710, logTo: 'none' as const };
    const first = await startFixture('deployment', options);
    const secret = first.secret('Secret');
    await first.call('sendMessages', [{ id: 'kept' }]);
    await first.waitUntilIdle();
    expect(first.outputs).toMatchObject({ ApiUrl: 'http://127.0.0.1:4710/', CustomAnswer: 'Create why, 42' });
    await first.stop();

    const second = await startFixture('deployment', { ...options, settings: { question: 'how' } });
    expect(second.outputs).toMatchObject({ CustomAnswer: 'Update how, 42', FrameworkKey: first.outputs.FrameworkKey });
    expect(second.secret('Secret')).toBe(secret);
    expect(secret).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(await second.items('message#kept')).toHaveLength(1);
    await second.stop();
  });

  test('GIVEN a running stack WHEN a second one wants its state directory THEN it is told who holds it', async () => {
    const options = { stateDirectory: `${stateDirectory}-2`, port: 4720, logTo: 'none' as const };
    const first = await startFixture('deployment-held', options);
    await expect(startFixture('deployment-held', { ...options, port: 4730 })).rejects.toThrow(`process ${process.pid}`);
    await first.stop();
  });

  test('GIVEN a port that is taken WHEN the stack starts THEN the error names the port and what it was for', async () => {
    const other = createServer().listen(4742, '127.0.0.1');
    await expect(startFixture('deployment-port', { port: 4740, logTo: 'none' })).rejects.toThrow(
      /Port 4742 \(dynamodb\) is in use/,
    );
    other.close();
  });

  test('GIVEN a provider that fails WHEN the stack starts THEN the start fails with its reason and nothing is left running', async () => {
    const start = () =>
      startFixture('deployment-fails', { port: 4750, logTo: 'none', settings: { customResourceFails: true } });
    await expect(start()).rejects.toThrow(
      'Create of Custom (AWS::CloudFormation::CustomResource) failed: told to fail',
    );
    await eventually(() => expect(fetch('http://127.0.0.1:4753')).rejects.toThrow('fetch failed'));
  });

  test('GIVEN a program that does not exist WHEN it is to be DynamoDB THEN the error says so', async () => {
    process.env.ROLLCALL_DYNOXIDE = '/nowhere/dynoxide';
    try {
      await expect(startFixture('deployment-program', { logTo: 'none' })).rejects.toThrow(
        'ROLLCALL_DYNOXIDE names /nowhere/dynoxide',
      );
    } finally {
      delete process.env.ROLLCALL_DYNOXIDE;
    }
  });
});
