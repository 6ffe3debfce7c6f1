import { styleText } from 'node:util';

/** Results go to standard output, everything else to standard error, so that output can be piped. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

export function red(text: string): string {
  return styleText('red', text, { stream: process.stderr });
}

/** Text from sheets and services on one line: control characters could move the cursor or recolour the terminal. */
export function plain(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\u{fffd}');
}

/** A reader that went away (`| head`) is not an error of ours. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
