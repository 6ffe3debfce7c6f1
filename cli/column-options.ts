import { readFile } from 'node:fs/promises';
import type { ColumnMapping } from '../lambdas/model/column-mapping.ts';
import type { OptionSpecs } from './command.ts';
import { UnusableError } from './errors.ts';

/** The options of the commands that read a sheet: what stands where in it. */
export const columnOptions = {
  sheet: { type: 'string', value: 'NAME', help: 'The sheet of a workbook; default: the first visible one.' },
  columns: {
    type: 'string',
    value: 'FILE',
    help: 'What headers of other names mean: a JSON object of columns by header, as `rollcall preview --save` writes it.',
  },
  column: {
    type: 'string',
    value: 'HEADER=COLUMN',
    multiple: true,
    help: 'The same for one header; may be repeated. Nothing after `=` ignores the header.',
  },
} as const satisfies OptionSpecs;

export interface ColumnValues {
  readonly sheet?: string;
  readonly columns?: string;
  readonly column?: readonly string[];
}

/** The mapping that the options say, single headers over those of the file. Throws UnusableError if they can't be read. */
export async function readColumns({ columns, column = [] }: ColumnValues): Promise<ColumnMapping | undefined> {
  if (columns === undefined && column.length === 0) return undefined;
  const fromFile = columns === undefined ? {} : await readMapping(columns);
  return { ...fromFile, ...Object.fromEntries(column.map(readPair)) };
}

async function readMapping(path: string): Promise<ColumnMapping> {
  const mapping = parse(path, await read(path));
  const isMapping = typeof mapping === 'object' && mapping !== null && !Array.isArray(mapping);
  const isRead = isMapping && Object.values(mapping).every((column) => column === null || typeof column === 'string');
  if (isRead) return mapping as ColumnMapping;
  throw new UnusableError(
    `${path} is no mapping of columns`,
    'It looks like {"E-mail": "email", "Internal note": null}.',
  );
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new UnusableError(`${path}: ${why}`, undefined, { cause: error });
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnusableError(`${path} is no JSON: ${(error as Error).message}`, undefined, { cause: error });
  }
}

/** The last `=` divides: names of columns have none. */
function readPair(text: string): [string, string | null] {
  const end = text.lastIndexOf('=');
  const header = text.slice(0, end).trim();
  if (end > 0 && header !== '') return [header, text.slice(end + 1).trim() || null];
  throw new UnusableError(`--column '${text}' is no HEADER=COLUMN`, 'E.g. --column "E-mail=email".');
}
