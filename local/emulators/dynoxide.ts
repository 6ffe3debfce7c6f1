/** DynamoDB on this machine: the dynoxide program, started as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface DynamoDbEmulator {
  url: string;
  stop(): Promise<void>;
}

export interface DynamoDbOptions {
  port: number;
  /** The database file; absent = in memory. */
  databasePath?: string;
  /** Another program that takes the same arguments; dynoxide if absent. */
  program?: string;
  /** Told when the program ends although nobody asked it to. */
  onExit(reason: string): void;
}

/** Far longer than it takes, also for a program on a virtual machine of its own that takes its place. */
const START_LIMIT_MS = 30_000;

export async function startDynoxide({
  port,
  databasePath,
  program = findProgram(),
  onExit,
}: DynamoDbOptions): Promise<DynamoDbEmulator> {
  const storage = databasePath ? ['--db-path', databasePath] : [];
  const child = spawn(program, ['--host', '127.0.0.1', '--port', String(port), ...storage], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // One worker thread is the fastest: SQLite writes one at a time anyway, and more threads only fight over its lock.
    env: { ...process.env, TOKIO_WORKER_THREADS: '1' },
    // In a process group of its own: Ctrl-C goes to the whole group of the terminal, and would end the database before
    // what still writes to it has stopped.
    detached: true,
  });
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk).slice(-2_000);
  });
  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${program} could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      resolve(`dynoxide ended with ${signal ?? `code ${code}`}. ${complaints}`.trim()),
    );
  });
  const watchdog = endWithParent(child);
  const waiting = new AbortController();
  await Promise.race([
    waitForPort(port, waiting.signal),
    ended.then((reason) => {
      throw new Error(reason);
    }),
  ]).finally(() => waiting.abort());
  ended.then((reason) => {
    if (!stopping) onExit(reason);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      stopping = true;
      watchdog?.kill();
      child.kill();
      await ended;
    },
  };
}

function findProgram(): string {
  const given = process.env.ROLLCALL_DYNOXIDE;
  if (given) {
    if (!existsSync(given)) throw new Error(`ROLLCALL_DYNOXIDE names ${given}, which does not exist.`);
    return given;
  }
  const packageName = `@dynoxide/${process.platform}-${process.arch}`;
  try {
    const directory = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
    return join(directory, process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide');
  } catch (cause) {
    throw new Error(
      `The local DynamoDB needs the npm package ${packageName}, which is not installed. Run "npm install", or "npm install --no-save ${packageName}"; if there is none for this platform, set ROLLCALL_DYNOXIDE to a dynoxide program of your own.`,
      { cause },
    );
  }
}

/**
 * A killed parent cannot stop its child, which would go on holding the port and the database. So a shell waits for its
 * standard input to close, which the system does when this process ends in whatever way, and then ends the child.
 */
function endWithParent(child: ChildProcess): ChildProcess | undefined {
  if (process.platform === 'win32' || child.pid === undefined) return undefined;
  const watchdog = spawn('/bin/sh', ['-c', 'read -r _; kill "$0" 2>/dev/null', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  return watchdog;
}

async function waitForPort(port: number, given: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!given.aborted && !(await accepts(port))) {
    if (Date.now() > deadline)
      throw new Error(`dynoxide did not answer on port ${port} within ${START_LIMIT_MS / 1000} s.`);
    await delay(10);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
