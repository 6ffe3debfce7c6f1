import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../cli/api-client.ts';
import type { BulkActionView } from '../../cli/api-types.ts';
import { openSheet } from '../../cli/sheet-file.ts';
import { type Submission, submitSheet } from '../../cli/submit-sheet.ts';
import { hasEnded, readAction } from '../../cli/watch-action.ts';
import { type LocalStack, startLocalStack } from '../../local/local-stack.ts';
import type { LocalStackOptions } from '../../local/local-stack-options.ts';
import { facilitySheet } from './sheets.ts';

export interface RunOptions {
  /** Is shown the action at each look on the way. */
  readonly look?: (action: BulkActionView) => void;
  /** Somebody else's client, in place of the first administrator's. */
  readonly api?: ApiClient;
}

/** A stack to measure: ephemeral, on any free ports, from a synthesis of its own. */
export interface BenchStack {
  readonly local: LocalStack;
  readonly api: ApiClient;
  /** Submits a sheet and follows it to its end. */
  run(path: string, submission: Submission, options?: RunOptions): Promise<BulkActionView>;
  stop(): Promise<void>;
}

export async function startBenchStack(options: Partial<LocalStackOptions> = {}): Promise<BenchStack> {
  const assemblyDirectory = await synthesize();
  const local = await startLocalStack({ assemblyDirectory, port: 0, logTo: 'none', ...options });
  const api = new ApiClient({ apiUrl: local.apiUrl, key: local.secret(local.outputs.AdminKeySecretArn as string) });
  return {
    local,
    api,
    run: async (path, submission, { look, api: own = api } = {}) => {
      const actionId = await submitSheet(own, await openSheet(path), submission, new AbortController().signal);
      return ended(own, actionId, look);
    },
    stop: async () => {
      await local.stop();
      await rm(assemblyDirectory, { recursive: true });
    },
  };
}

/** A stack that is in use has its functions loaded: so have those that are measured. */
export async function warmUp(stack: BenchStack): Promise<void> {
  const sheet = await facilitySheet(1_000);
  await stack.run(sheet, { processName: 'facilityCreation', referenceId: 'before' });
}

/**
 * Synthesizes an app, Rollcall's own as the `local` stage if none is named, so that what is measured is what the sources
 * say. Answers with a directory of its own.
 */
export async function synthesize(app = 'bin/rollcall.ts'): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
  const child = spawn(process.execPath, [app], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify({ stage: 'local' }) },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${app} ended with ${code}`);
  return directory;
}

/** Asks five times a second: often enough for a benchmark of latency, and little enough to cost nothing. */
async function ended(
  api: ApiClient,
  actionId: string,
  look?: (action: BulkActionView) => void,
): Promise<BulkActionView> {
  for (;;) {
    const action = await readAction(api, actionId);
    look?.(action);
    if (hasEnded(action)) return action;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
