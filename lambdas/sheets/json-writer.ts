import type { Writable } from 'node:stream';
import type { JsonOrigin, SheetWriter } from './sheet-writer.ts';
import { TextOutput } from './text-output.ts';

/**
 * Objects keyed by the headers: one a line, or as an array with one a line. The values are text, but those of an `origin`,
 * which are written as they came.
 */
export function createJsonWriter(format: 'json' | 'ndjson', headers: string[], output: Writable): SheetWriter {
  const text = new TextOutput(output);
  const keys = headers.map((header) => JSON.stringify(header));
  const isArray = format === 'json';
  let separator = isArray ? '[\n' : '';
  return {
    write(row, origin) {
      const start = separator;
      separator = isArray ? ',\n' : '\n';
      return text.write(start + object(keys, row, origin));
    },
    async end() {
      await text.write(isArray ? `${separator === '[\n' ? '[' : ''}\n]\n` : separator);
      await text.end();
    },
  };
}

function object(keys: string[], row: string[], origin?: JsonOrigin): string {
  if (row.length > keys.length)
    throw new RangeError(`A row of ${row.length} cells has no place under ${keys.length} headers`);
  const { element = '{}', cells = 0 } = origin ?? {};
  const given = element.slice(1, -1).trim();
  const own = row.slice(cells).map((cell, index) => `${keys[cells + index]}:${JSON.stringify(cell)}`);
  return `{${[...(given === '' ? [] : [given]), ...own].join(',')}}`;
}
