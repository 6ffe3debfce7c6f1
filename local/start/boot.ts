import type { Endpoint } from '../../cli/endpoint.ts';
import { exitCodes, UnusableError } from '../../cli/errors.ts';
import { ownMark } from '../../cli/live-process.ts';
import { stateDirectory } from '../../cli/local-endpoint.ts';
import { note } from '../../cli/terminal.ts';
import { type LocalStack, startLocalStack } from '../local-stack.ts';
import type { LocalStackOptions } from '../local-stack-options.ts';
import { publishEndpoint } from './publish-endpoint.ts';
import { synthesize } from './synthesize.ts';

export interface BootOptions {
  /** The API's port; 0 = any free one. */
  readonly port: number;
  /** Nothing is read from the state directory and nothing is left in it. */
  readonly ephemeral: boolean;
}

/** A local stack that answers. */
export interface BootedStack extends Endpoint {
  stop(): Promise<void>;
}

/** Synthesizes, boots and publishes the local stack. */
export async function bootStack({ port, ephemeral }: BootOptions): Promise<BootedStack> {
  const assemblyDirectory = await synthesize(() => note('Synthesizing the stack …'));
  note('Booting the local stack …');
  const stack = await start({
    assemblyDirectory,
    port,
    report: (message) => note(`local stack: ${message}`),
    onLost: endAtOnce,
    ...(ephemeral ? {} : { stateDirectory: stateDirectory() }),
  });
  try {
    const key = adminKey(stack);
    const withdraw = await publishEndpoint({ apiUrl: stack.apiUrl, key, ...ownMark() });
    return { apiUrl: stack.apiUrl, key, stop: () => withdraw().finally(() => stack.stop()) };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function start(options: LocalStackOptions): Promise<LocalStack> {
  try {
    return await startLocalStack(options);
  } catch (error) {
    // Plain errors are about this machine (ports, state, programs) and say what to do; others are faults.
    if (error instanceof Error && error.constructor === Error) {
      throw new UnusableError(`the local stack did not start: ${error.message}`, undefined, { cause: error });
    }
    throw error;
  }
}

/** As if killed: whatever else was done now would fail, and be noted as failed, for want of what was lost. */
function endAtOnce(reason: string): never {
  note(`local stack: ${reason}\nIt ends. Start it again: what was under way goes on.`);
  process.exit(exitCodes.failed);
}

function adminKey(stack: LocalStack): string {
  const secret = stack.outputs.AdminKeySecretArn;
  if (!secret) throw new Error('The stack has no output AdminKeySecretArn.');
  return stack.secret(secret);
}
