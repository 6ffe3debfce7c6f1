import type { BulkActionView } from './api-types.ts';
import { bytes, clock, number } from './format.ts';

const barWidth = 24;
/** Between two lines where the terminal cannot redraw one, e.g. in a build log. */
const lineIntervalMs = 5_000;

/** Shows how far things are on standard error: one line that is redrawn, or a line every few seconds. */
export class ProgressDisplay {
  readonly #stream: NodeJS.WriteStream;
  #lastLineAt = Number.NEGATIVE_INFINITY;
  #lastPhase = '';
  #drawn = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** `phase` is what is being done; a new one is shown at once. */
  show(phase: string, text: string): void {
    if (this.#stream.isTTY) this.#redraw(text);
    else this.#appendLine(phase, text);
  }

  /** Takes the redrawn line away, so that what follows starts on an empty one. */
  clear(): void {
    if (this.#drawn) this.#stream.write('\r\x1b[2K');
    this.#drawn = false;
  }

  #redraw(text: string): void {
    // A line that wraps could not be redrawn.
    this.#stream.write(`\r\x1b[2K${text.slice(0, this.#stream.columns - 1)}`);
    this.#drawn = true;
  }

  #appendLine(phase: string, text: string): void {
    const now = performance.now();
    if (phase === this.#lastPhase && now - this.#lastLineAt < lineIntervalMs) return;
    this.#lastPhase = phase;
    this.#lastLineAt = now;
    this.#stream.write(`${text}\n`);
  }
}

/** `processing  [██████      ]  50%  500 of 1,000 rows  1,840 rows/s  ETA 0:12`. */
export function describeAction({ status, waitingFor, counts, progress }: BulkActionView): string {
  const standing = waitingFor ? `waiting for ${waitingFor}` : status;
  const parts = [standing, bar(progress.percent / 100)];
  if (counts.rows > 0) parts.push(`${number(counts.rows - counts.pending)} of ${number(counts.rows)} rows`);
  if (progress.rowsPerSecond > 0) parts.push(`${number(progress.rowsPerSecond)} rows/s`);
  if (progress.etaSeconds !== null) parts.push(`ETA ${clock(progress.etaSeconds)}`);
  return parts.join('  ');
}

export function describeUpload(sent: number, size: number): string {
  return ['uploading', bar(sent / size), `${bytes(sent)} of ${bytes(size)}`].join('  ');
}

function bar(share: number): string {
  const full = Math.round(share * barWidth);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `[${'█'.repeat(full)}${'░'.repeat(barWidth - full)}] ${percent}`;
}
