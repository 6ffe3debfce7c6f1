import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { z } from 'zod';
import type { stageSettingsSchema } from '../../lambdas/model/settings.ts';

/** The local stage, less patient: what the tests wait for is a condition, and these are the longest waits for it. */
const settings: z.input<typeof stageSettingsSchema> = {
  settleSeconds: 2,
  stallSeconds: 60,
  deadlineSeconds: 600,
  batchTimeoutSeconds: 10,
  // Tests that need a sweep call for it.
  sweepMinutes: 60,
};

/** Synthesizes the stack into `directory`, as a deployment would. */
export async function synthesize(directory: string): Promise<void> {
  const context = ['-c', 'stage=local', '-c', `settings=${JSON.stringify(settings)}`];
  await promisify(execFile)(process.execPath, ['bin/rollcall.ts', ...context, '-o', directory]);
}
