import type { ColumnMapping } from '../model/column-mapping.ts';
import { cutText } from '../model/cut-text.ts';
import { normalizeIdentifier } from '../model/identity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { RowData, RowError } from '../model/row.ts';
import {
  assignHeaders,
  columnsByName,
  type DisplacedHeader,
  type HeaderAssignment,
  type HeaderConflict,
} from './assign-headers.ts';
import { cellFacts } from './cell.ts';
import { cellErrorOf } from './cell-errors.ts';
import { hasEntityKeys, identifyingColumns, oneOfThese, readChange } from './entity-row.ts';
import { looksEmpty } from './invisible.ts';

/** A row as its process has it, or all that is wrong with it. */
export type ReadRow =
  | { readonly data: RowData; readonly uniqueIdentifier: string }
  | { readonly errors: readonly RowError[] };

const errorValueCharacters = 200;

/**
 * Reads the rows of a sheet with `headers` as rows of `process`; `mapping` says what headers of other names mean. With
 * `clearEmpty` an empty cell clears its field, where there can be something to clear.
 */
export function createRowReader(
  process: ProcessDefinition,
  headers: readonly string[],
  mapping: ColumnMapping = {},
  clearEmpty = false,
): RowReader {
  return new RowReader(process, headers, mapping, clearEmpty);
}

/**
 * Knows under which header each column of a process stands. `headers` may grow while rows are read, as the keys of
 * JSON records do; what the reader says about them grows along.
 */
export class RowReader {
  readonly #process: ProcessDefinition;
  readonly #headers: readonly string[];
  readonly #columnNames: readonly string[];
  readonly #columnsByName: ReadonlyMap<string, string>;
  readonly #mapping: ColumnMapping;
  readonly #clearEmpty: boolean;
  #headersSeen = -1;
  #assigned: HeaderAssignment;
  /** For each column the index of its cell, or -1. */
  #cellIndexes: number[] = [];

  constructor(process: ProcessDefinition, headers: readonly string[], mapping: ColumnMapping, clearEmpty: boolean) {
    this.#process = process;
    this.#mapping = mapping;
    this.#clearEmpty = clearEmpty;
    this.#headers = headers;
    this.#columnNames = Object.keys(process.row.shape);
    this.#columnsByName = columnsByName(process);
    this.#assigned = this.#assignment();
  }

  /** Required columns that no header means. */
  get missing(): readonly string[] {
    const { mapped } = this.#assignment();
    const missing = this.#columnNames.filter((name) => !mapped.has(name) && isRequired(this.#process, name));
    if (!hasEntityKeys(this.#process)) return missing;
    const identifying = identifyingColumns(this.#process);
    return identifying.some((name) => mapped.has(name)) ? missing : [oneOfThese(identifying), ...missing];
  }

  /** Headers that mean no column; their cells are kept for the report. */
  get unknown(): readonly string[] {
    return this.#assignment().unknown;
  }

  /** Headers whose column the mapping gave to another; their cells are kept for the report. */
  get displaced(): readonly DisplacedHeader[] {
    return this.#assignment().displaced;
  }

  get conflicts(): readonly HeaderConflict[] {
    return this.#assignment().conflicts;
  }

  /** Headers that the mapping names and that have not turned up. */
  get absent(): readonly string[] {
    return this.#assignment().absent;
  }

  /** The index of the cell by the name of the column. */
  get mapped(): ReadonlyMap<string, number> {
    return this.#assignment().mapped;
  }

  /**
   * `cells` as a row. All errors of all its cells are found, not the first one only.
   * @param cells fewer than there are headers where later JSON records have brought new ones
   * @param absent the indexes of cells that are empty because a JSON record lacks their key: nobody emptied them
   */
  read(cells: readonly string[], absent?: ReadonlySet<number>): ReadRow {
    this.#assignment();
    const raw: Record<string, string> = {};
    for (let i = 0; i < this.#columnNames.length; i++) {
      raw[this.#columnNames[i] as string] = cells[this.#cellIndexes[i] as number] ?? '';
    }
    const parsed = this.#process.row.safeParse(raw);
    if (!parsed.success) return { errors: parsed.error.issues.map((issue) => rowError(issue, raw)) };
    return this.#identified(withoutAbsent(parsed.data), () => this.#emptied(raw, cells.length, absent));
  }

  #identified(row: RowData, emptied: () => readonly string[]): ReadRow {
    const process = this.#process;
    const read = hasEntityKeys(process) ? readChange({ process, data: row, emptied: emptied() }) : { data: row };
    if ('errors' in read) return read;
    const { data } = read;
    return { data, uniqueIdentifier: normalizeIdentifier(this.#process.uniqueIdentifier(data)) };
  }

  /** Columns of the sheet whose cell is empty, where that is to clear the field. */
  #emptied(
    raw: Readonly<Record<string, string>>,
    cells: number,
    absent: ReadonlySet<number> | undefined,
  ): readonly string[] {
    if (!this.#clearEmpty) return [];
    return this.#columnNames.filter((name, i) => {
      const index = this.#cellIndexes[i] as number;
      return index !== -1 && index < cells && !absent?.has(index) && looksEmpty(raw[name] ?? '');
    });
  }

  /** The assignment of the headers that there are by now. */
  #assignment(): HeaderAssignment {
    if (this.#headersSeen === this.#headers.length) return this.#assigned;
    this.#assigned = assignHeaders(this.#columnsByName, this.#headers, this.#mapping);
    this.#cellIndexes = this.#columnNames.map((name) => this.#assigned.mapped.get(name) ?? -1);
    this.#headersSeen = this.#headers.length;
    return this.#assigned;
  }
}

function isRequired(process: ProcessDefinition, columnName: string): boolean {
  const schema = process.row.shape[columnName];
  return schema !== undefined && cellFacts(schema).required;
}

function rowError(issue: Parameters<typeof cellErrorOf>[0], raw: Readonly<Record<string, string>>): RowError {
  const { code, message, value } = cellErrorOf(issue);
  const column = String(issue.path[0] ?? '');
  if (column === '') return { code, message };
  return { code, message, column, value: cutText(value ?? raw[column] ?? '', errorValueCharacters) };
}

/** The row less the columns that stand empty: they are no part of the entity. */
function withoutAbsent(row: Record<string, unknown>): RowData {
  for (const name in row) if (row[name] === undefined) delete row[name];
  return row;
}
