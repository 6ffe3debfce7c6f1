import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Characters collected before they are handed to the stream: a write a row would cost more than making the row. */
const pieceLength = 64 * 1024;

/** Text on its way to a stream, in pieces of useful size. An error of the stream comes out of whichever call is next. */
export class TextOutput {
  readonly #output: Writable;
  #pending = '';
  #error: Error | undefined;

  constructor(output: Writable) {
    this.#output = output;
    output.on('error', (error) => {
      this.#error = error;
    });
  }

  /** Gives a promise only when the stream asks to wait. */
  write(text: string): Promise<void> | void {
    if (this.#error) throw this.#error;
    this.#pending += text;
    if (this.#pending.length < pieceLength) return;
    const wantsMore = this.#output.write(this.#pending);
    this.#pending = '';
    if (!wantsMore) return drained(this.#output);
  }

  async end(): Promise<void> {
    if (this.#error) throw this.#error;
    this.#output.end(this.#pending);
    this.#pending = '';
    await finished(this.#output, { readable: false });
  }
}

/** Fulfilled when the stream wants more; rejected when it never will, because it failed or was closed by its reader. */
export function drained(stream: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = () => settle(resolve);
    const onClose = () => settle(() => reject(stream.errored ?? new Error('The output was closed before its end.')));
    const settle = (how: () => void) => {
      stream.off('drain', onDrain);
      stream.off('close', onClose);
      how();
    };
    stream.on('drain', onDrain);
    stream.on('close', onClose);
  });
}
