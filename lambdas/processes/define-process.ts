import { z } from 'zod';
import type { ColumnHelp, EntityReference, ProcessDefinition } from '../model/process.ts';
import { cellFacts } from './cell.ts';
import { normalizeHeader } from './headers.ts';

/** A column: how its cells are read, and what people are told about it. */
export interface Column<Value> {
  readonly cell: z.ZodType<Value>;
  readonly help: ColumnHelp;
}

type Columns = Readonly<Record<string, Column<unknown>>>;

/** A row's values, as its columns give them. */
type RowOf<Own extends Columns> = { [Name in keyof Own]: Own[Name] extends Column<infer Value> ? Value : never };

type SchemaOf<Own extends Columns> = z.ZodObject<{ [Name in keyof Own]: z.ZodType<RowOf<Own>[Name]> }>;

/** A process as its file states it: like a `ProcessDefinition`, but each column said once. */
type ProcessStatement<Own extends Columns> = Omit<
  ProcessDefinition<SchemaOf<Own>>,
  'row' | 'columns' | 'uniqueColumn' | 'uniqueIdentifier' | 'mapping' | 'parent' | 'references'
> & {
  readonly columns: Own;
  readonly uniqueColumn: keyof Own & string;
  readonly uniqueIdentifier: (row: RowOf<Own>) => string;
  readonly mapping?: {
    readonly type: NonNullable<ProcessDefinition['mapping']>['type'];
    readonly boundaries: (row: RowOf<Own>) => readonly string[];
    readonly active?: (row: RowOf<Own>) => boolean;
  };
  readonly parent?: (row: RowOf<Own>) => string | undefined;
  readonly references?: { readonly [Name in keyof Own]?: EntityReference };
};

/** A column of a process: `cell` made with `text(...)`, `oneOf(...)` and the like, and help for whoever fills it in. */
export function column<Value>(
  cell: z.ZodType<Value>,
  help: Pick<ColumnHelp, 'description' | 'example' | 'aliases'>,
): Column<Value> {
  const { choices, list, textual } = cellFacts(cell);
  return { cell, help: { ...help, ...(choices && { choices }), ...(list && { list }), ...(textual && { textual }) } };
}

/**
 * Makes a process out of its statement. Throws, while the service starts, for what no sheet could be read by: a unique
 * column that may be empty, an example that its own column refuses, two columns that one header would mean. A hierarchy
 * must be its account's: a parent is named by its identifier alone.
 */
export function defineProcess<const Own extends Columns>(statement: ProcessStatement<Own>): ProcessDefinition {
  const { columns, ...rest } = statement;
  const entries = Object.entries(columns);
  const definition = {
    ...rest,
    row: z.object(Object.fromEntries(entries.map(([name, { cell }]) => [name, cell]))),
    columns: Object.fromEntries(entries.map(([name, { help }]) => [name, help])),
  };
  // The functions of a statement take the very rows that its own columns give; outside, a row is a row.
  const process = definition as unknown as ProcessDefinition;
  checkUniqueColumn(process);
  checkExamples(process);
  checkHeaders(process);
  checkHierarchy(process);
  return process;
}

function checkUniqueColumn({ name, row, uniqueColumn, entityKeys }: ProcessDefinition): void {
  // Rows of entities that can change need one of several; which, the row's reader checks.
  if (entityKeys?.unique.every((column) => column in row.shape)) return;
  const unique = row.shape[uniqueColumn];
  if (!unique || !cellFacts(unique).required) {
    throw new Error(`${name}: the unique column ${uniqueColumn} must be one of its required columns`);
  }
}

function checkExamples({ name, row, columns }: ProcessDefinition): void {
  for (const [columnName, { example }] of Object.entries(columns)) {
    const read = row.shape[columnName]?.safeParse(example);
    if (!read?.success)
      throw new Error(`${name}: the example of ${columnName} is not accepted: ${read?.error.message}`);
  }
}

function checkHeaders({ name, columns }: ProcessDefinition): void {
  const meant = new Map<string, string>();
  for (const [columnName, { aliases = [] }] of Object.entries(columns)) {
    for (const header of [columnName, ...aliases].map(normalizeHeader)) {
      const other = meant.get(header) ?? columnName;
      if (other !== columnName) throw new Error(`${name}: the header ${header} would mean ${other} and ${columnName}`);
      meant.set(header, columnName);
    }
  }
}

function checkHierarchy({ name, parent, entityScope }: ProcessDefinition): void {
  if (parent && entityScope !== 'account')
    throw new Error(`${name}: entities with parents must have the scope account`);
}
