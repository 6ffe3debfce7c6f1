import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiClient } from '../../cli/api-client.ts';
import { type ExitCode, exitCodes, InterruptedError, UnusableError } from '../../cli/errors.ts';
import { endpointFile, runningLocalStack, stateDirectory } from '../../cli/local-endpoint.ts';
import { bold, note, print } from '../../cli/terminal.ts';
import { type BootedStack, bootStack } from './boot.ts';
import { exampleReference, runExampleCampaign } from './example-campaign.ts';

export interface ServeOptions {
  readonly port: number;
  readonly ephemeral: boolean;
  readonly example: boolean;
}

/** Boots the stack, runs the example campaign if it is due, and serves until it is told to stop. */
export async function serve({ port, ephemeral, example }: ServeOptions): Promise<ExitCode> {
  if (!ephemeral) await refuseSecond();
  const stop = stopSignal();
  const stack = await bootStack({ port, ephemeral });
  try {
    if (example) await runExampleCampaign(new ApiClient(stack), stop);
    if (!stop.aborted) await introduce(stack, ephemeral);
    await aborted(stop);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  } finally {
    note('\nStopping …');
    await stack.stop();
  }
  return exitCodes.completed;
}

async function refuseSecond(): Promise<void> {
  const running = await runningLocalStack();
  if (!running) return;
  throw new UnusableError(
    `a local stack is already running at ${running.apiUrl} (process ${running.pid})`,
    'Use it with `npx rollcall`, or stop it with Ctrl-C where it was started.',
  );
}

/** Aborted by the first SIGINT or SIGTERM; a second one ends the process the usual way. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Prints where everything is. The key is shown once; a start that did not get that far does not count. */
async function introduce({ apiUrl, key }: BootedStack, ephemeral: boolean): Promise<void> {
  const introduced = join(stateDirectory(), 'introduced');
  const first = ephemeral || !existsSync(introduced);
  print(`
${bold('Rollcall is running')}
  API          ${apiUrl}/api
  description  ${apiUrl}/api/openapi.json
  API key      ${first ? key : `in ${endpointFile()} while this runs`}
  state        ${ephemeral ? 'in memory, gone when this ends' : stateDirectory()}

  npx rollcall actions --reference ${exampleReference}
  npx rollcall template facilityCreation
  npx rollcall run SHEET --process facilityCreation --reference REFERENCE

Ctrl-C stops it.`);
  if (!ephemeral) await writeFile(introduced, '');
}
