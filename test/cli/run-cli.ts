import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const cli = resolve(import.meta.dirname, '../../cli/rollcall.mjs');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options for Node itself. */
  readonly nodeOptions?: readonly string[];
  /** Presses Ctrl-C, once, when standard error says this. */
  readonly interruptAt?: string;
}

/** Runs the command as a person does: as a process of its own, from a directory of its own. */
export async function runCli(
  args: readonly string[],
  { cwd, env, nodeOptions = [], interruptAt }: CliOptions,
): Promise<CliResult> {
  const child = spawn(process.execPath, [...nodeOptions, cli, ...args], { cwd, env: cleanEnvironment(cwd, env) });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const saidBefore = interruptAt === undefined || stderr.includes(interruptAt);
    stderr += text;
    if (!saidBefore && stderr.includes(interruptAt)) child.kill('SIGINT');
  });
  const code = await new Promise<number | null>((settle, fail) => {
    child.on('error', fail).on('close', settle);
  });
  return { code, stdout, stderr };
}

/** Neither the caller's own service nor a local stack of this checkout may answer. */
function cleanEnvironment(cwd: string, env: CliOptions['env'] = {}): NodeJS.ProcessEnv {
  const { ROLLCALL_ENDPOINT, ROLLCALL_KEY, ...rest } = process.env;
  return { ...rest, ROLLCALL_STATE: resolve(cwd, 'no-state'), NO_COLOR: '1', ...env };
}
