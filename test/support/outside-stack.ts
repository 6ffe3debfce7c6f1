import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { z } from 'zod';
import type { stageSettingsSchema } from '../../lambdas/model/settings.ts';
import type { LocalStackOptions } from '../../local/local-stack-options.ts';
import { type BootedStack, bootStack } from './boot-stack.ts';

/** A stack of a test's own, with settings of its own: services outside are part of what is synthesized. */
export async function bootStackWith(
  settings: z.input<typeof stageSettingsSchema>,
  options: Omit<Partial<LocalStackOptions>, 'assemblyDirectory' | 'port'> = {},
): Promise<BootedStack & AsyncDisposable> {
  const assembly = await mkdtemp(join(tmpdir(), 'rollcall-assembly-'));
  const context = ['-c', 'stage=local', '-c', `settings=${JSON.stringify(settings)}`, '-o', assembly];
  await promisify(execFile)(process.execPath, ['bin/rollcall.ts', ...context]);
  const booted = await bootStack(assembly, options);
  return {
    ...booted,
    [Symbol.asyncDispose]: async () => {
      await booted.local.stop();
      await rm(assembly, { recursive: true });
    },
  };
}

/** Puts a secret where the stack's functions look for it. */
export async function createSecret({ local }: BootedStack, name: string, value: string): Promise<void> {
  const client = new SecretsManagerClient({
    endpoint: local.endpoints.control,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
  client.destroy();
}
