import { normalizeIdentifier } from '../model/identity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { isReportColumn } from '../model/report-columns.ts';
import type { RowData, RowError } from '../model/row.ts';
import { cellFacts } from './cell.ts';
import { cellErrorOf } from './cell-errors.ts';
import { normalizeHeader } from './headers.ts';

/** A row as its process has it, or all that is wrong with it. */
export type ReadRow =
  | { readonly data: RowData; readonly uniqueIdentifier: string }
  | { readonly errors: readonly RowError[] };

/** Several headers of a sheet that mean one column, so that nobody could say which holds its values. */
export interface HeaderConflict {
  readonly column: string;
  readonly headers: readonly string[];
}

const errorValueCharacters = 200;

/** Reads the rows of a sheet with `headers` as rows of `process`. */
export function createRowReader(process: ProcessDefinition, headers: readonly string[]): RowReader {
  return new RowReader(process, headers);
}

/**
 * Knows under which header each column of a process stands. `headers` may grow while rows are read, as the keys of
 * JSON records do; what the reader says about them grows along.
 */
export class RowReader {
  readonly #process: ProcessDefinition;
  readonly #headers: readonly string[];
  readonly #columnNames: readonly string[];
  readonly #columnByHeader: ReadonlyMap<string, string>;
  #headersSeen = -1;
  #mapped = new Map<string, number>();
  #unknown: string[] = [];
  #conflicts: HeaderConflict[] = [];
  /** For each column the index of its cell, or -1. */
  #cellIndexes: number[] = [];

  constructor(process: ProcessDefinition, headers: readonly string[]) {
    this.#process = process;
    this.#headers = headers;
    this.#columnNames = Object.keys(process.row.shape);
    this.#columnByHeader = columnsByHeader(process);
    this.#mapHeaders();
  }

  /** Required columns that no header means. */
  get missing(): readonly string[] {
    this.#mapHeaders();
    return this.#columnNames.filter((name) => !this.#mapped.has(name) && isRequired(this.#process, name));
  }

  /** Headers that mean no column; their cells are kept for the report. */
  get unknown(): readonly string[] {
    this.#mapHeaders();
    return this.#unknown;
  }

  get conflicts(): readonly HeaderConflict[] {
    this.#mapHeaders();
    return this.#conflicts;
  }

  /** The index of the cell by the name of the column. */
  get mapped(): ReadonlyMap<string, number> {
    this.#mapHeaders();
    return this.#mapped;
  }

  /** `cells` as a row. All errors of all its cells are found, not the first one only. */
  read(cells: readonly string[]): ReadRow {
    this.#mapHeaders();
    const raw: Record<string, string> = {};
    for (let i = 0; i < this.#columnNames.length; i++) {
      raw[this.#columnNames[i] as string] = cells[this.#cellIndexes[i] as number] ?? '';
    }
    const parsed = this.#process.row.safeParse(raw);
    if (!parsed.success) return { errors: parsed.error.issues.map((issue) => rowError(issue, raw)) };
    const data = withoutAbsent(parsed.data);
    return { data, uniqueIdentifier: normalizeIdentifier(this.#process.uniqueIdentifier(data)) };
  }

  #mapHeaders(): void {
    if (this.#headersSeen === this.#headers.length) return;
    const headersByColumn = new Map<string, string[]>();
    this.#mapped = new Map();
    this.#unknown = [];
    for (const [index, header] of this.#headers.entries()) {
      const name = this.#columnByHeader.get(normalizeHeader(header));
      if (name !== undefined) {
        headersByColumn.set(name, [...(headersByColumn.get(name) ?? []), header]);
        if (!this.#mapped.has(name)) this.#mapped.set(name, index);
      } else if (header.trim() !== '' && !isReportColumn(header)) {
        this.#unknown.push(header);
      }
    }
    this.#conflicts = [...headersByColumn]
      .filter(([, meaning]) => meaning.length > 1)
      .map(([column, meaning]) => ({ column, headers: meaning }));
    this.#cellIndexes = this.#columnNames.map((name) => this.#mapped.get(name) ?? -1);
    this.#headersSeen = this.#headers.length;
  }
}

function columnsByHeader(process: ProcessDefinition): Map<string, string> {
  const columns = new Map<string, string>();
  for (const [name, { aliases = [] }] of Object.entries(process.columns)) {
    for (const header of [name, ...aliases]) columns.set(normalizeHeader(header), name);
  }
  return columns;
}

function isRequired(process: ProcessDefinition, columnName: string): boolean {
  const schema = process.row.shape[columnName];
  return schema !== undefined && cellFacts(schema).required;
}

function rowError(issue: Parameters<typeof cellErrorOf>[0], raw: Readonly<Record<string, string>>): RowError {
  const { code, message, value } = cellErrorOf(issue);
  const column = String(issue.path[0] ?? '');
  if (column === '') return { code, message };
  return { code, message, column, value: (value ?? raw[column] ?? '').slice(0, errorValueCharacters) };
}

/** The row less the columns that stand empty: they are no part of the entity. */
function withoutAbsent(row: Record<string, unknown>): RowData {
  for (const name in row) if (row[name] === undefined) delete row[name];
  return row;
}
