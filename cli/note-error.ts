import type { CliError } from './errors.ts';
import { note, red } from './terminal.ts';

/** Tells the person at the terminal what happened, and what to do about it. */
export function noteError({ message, hint }: CliError): void {
  note(`${red('rollcall:')} ${message}`);
  if (hint) note(hint);
}
