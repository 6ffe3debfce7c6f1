import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bootStack } from './boot-stack.ts';
import { synthesize } from './synthesize.ts';

/** Before the first test on a stack: synthesizes it once and boots the one that the journeys share. */
export default async function serveStack(project: TestProject): Promise<() => Promise<void>> {
  const assembly = await mkdtemp(join(tmpdir(), 'rollcall-assembly-'));
  await synthesize(assembly);
  const { address, local } = await bootStack(assembly);
  project.provide('assembly', assembly);
  project.provide('stack', address);
  return async () => {
    await local.stop();
    await rm(assembly, { recursive: true });
  };
}
