import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const main = resolve(import.meta.dirname, '../../local/main.ts');
/** Synthesis, boot and a campaign on a machine that is busy with other tests. */
const patienceMs = 240_000;

/** `npm start` as a process of its own, with all that it has said so far. */
export class StartProcess {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #speech = new EventEmitter();

  /** @param state the state directory, and where it is started */
  constructor(args: readonly string[], state: string) {
    // A process group of its own, as a shell gives it, so that Ctrl-C reaches what it has started too.
    this.#child = spawn(process.execPath, [main, ...args], {
      cwd: state,
      detached: true,
      env: { ...process.env, ROLLCALL_STATE: state, NO_COLOR: '1', ROLLCALL_ENDPOINT: '', ROLLCALL_KEY: '' },
    });
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text;
        this.#speech.emit('more');
      });
    }
    this.#closed = once(this.#child, 'close');
  }

  /** Resolves when standard output or standard error says this; fails when the process ends without, or takes too long. */
  async says(text: string): Promise<void> {
    const given = AbortSignal.timeout(patienceMs);
    const said = () => (this.stdout + this.stderr).includes(text);
    let running = true;
    this.#closed.then(() => {
      running = false;
      this.#speech.emit('more');
    });
    while (!said()) {
      if (!running) throw new Error(`It ended without saying '${text}':\n${this.stdout}\n${this.stderr}`);
      await once(this.#speech, 'more', { signal: given });
    }
  }

  /** Ctrl-C in its terminal. */
  interrupt(): void {
    this.#signalGroup('SIGINT');
  }

  /** What no program can prepare for. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  /** Kills a program that it has started. */
  async killChild(name: string): Promise<void> {
    const pid = this.#child.pid;
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
    for (const child of children) {
      if ((await readFile(`/proc/${child}/comm`, 'utf8')).trim() === name)
        return void process.kill(Number(child), 'SIGKILL');
    }
    throw new Error(`It has not started ${name}.`);
  }

  /** The exit code, once it has ended. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) throw new Error('The process was never started.');
    process.kill(-this.#child.pid, signal);
  }
}
