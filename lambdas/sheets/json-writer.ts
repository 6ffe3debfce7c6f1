import type { Writable } from 'node:stream';
import type { SheetWriter } from './sheet-writer.ts';
import { TextOutput } from './text-output.ts';

/** Objects keyed by the headers, all values text: one a line, or as an array with one a line. */
export function createJsonWriter(format: 'json' | 'ndjson', headers: string[], output: Writable): SheetWriter {
  const text = new TextOutput(output);
  const keys = headers.map((header) => JSON.stringify(header));
  const isArray = format === 'json';
  let separator = isArray ? '[\n' : '';
  return {
    write(row) {
      const start = separator;
      separator = isArray ? ',\n' : '\n';
      return text.write(start + object(keys, row));
    },
    async end() {
      await text.write(isArray ? `${separator === '[\n' ? '[' : ''}\n]\n` : separator);
      await text.end();
    },
  };
}

function object(keys: string[], row: string[]): string {
  if (row.length > keys.length)
    throw new RangeError(`A row of ${row.length} cells has no place under ${keys.length} headers`);
  return `{${row.map((cell, index) => `${keys[index]}:${JSON.stringify(cell)}`).join(',')}}`;
}
