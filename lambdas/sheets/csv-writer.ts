import type { Writable } from 'node:stream';
import { delimiterDeclaration } from './delimiter.ts';
import { escapeFormula } from './formula-escape.ts';
import type { SheetWriter } from './sheet-writer.ts';
import { TextOutput } from './text-output.ts';

/** Excel takes a CSV without byte order mark for the local 8-bit encoding. */
const byteOrderMark = '\ufeff';

/**
 * Delimited text as of RFC 4180, UTF-8, with cells that a spreadsheet would run as a formula marked as text. An unusual
 * delimiter is declared in a first line, which is no row.
 */
export function createCsvWriter(headers: string[], delimiter: string, output: Writable): SheetWriter {
  const text = new TextOutput(output);
  const line = (cells: string[]) =>
    `${cells.map((cell) => quoted(escapeFormula(cell), delimiter)).join(delimiter)}\r\n`;
  text.write(byteOrderMark + delimiterDeclaration(delimiter) + line(headers));
  return {
    write: (row) => text.write(line(row)),
    end: () => text.end(),
  };
}

function quoted(cell: string, delimiter: string): string {
  const plain = !(cell.includes('"') || cell.includes(delimiter) || cell.includes('\n') || cell.includes('\r'));
  return plain ? cell : `"${cell.replaceAll('"', '""')}"`;
}
