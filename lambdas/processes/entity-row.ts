import { type EntityKeys, entityIdColumn, type ProcessDefinition } from '../model/process.ts';
import type { RowData, RowError } from '../model/row.ts';

/** A row of a process whose entities can change, as its cells were read. */
interface EntityRow {
  readonly process: ProcessDefinition & { readonly entityKeys: EntityKeys };
  readonly data: RowData;
  /** Columns of the sheet whose cell in this row is empty, where that is to clear the field; else none. */
  readonly emptied: readonly string[];
}

/** Whether the process's entities can change, so that its rows are read as changes. */
export function hasEntityKeys(process: ProcessDefinition): process is EntityRow['process'] {
  return process.entityKeys !== undefined;
}

/** The columns by which the process's rows may name their entity. */
export function identifyingColumns({ row, entityKeys }: EntityRow['process']): readonly string[] {
  return [entityIdColumn, ...entityKeys.unique].filter((name) => name in row.shape);
}

/** The row as a change: its values, and `null` for each field that it clears; or what stands in the way of it. */
export function readChange({ process, data, emptied }: EntityRow): { data: RowData } | { errors: readonly RowError[] } {
  const identifying = identifyingColumns(process);
  if (!identifying.some((name) => data[name] !== undefined)) return { errors: [unidentified(process, identifying)] };
  const cleared = emptied.filter((name) => name !== entityIdColumn);
  const errors = cleared.flatMap((name) => clearingError(process, data, name));
  if (errors.length > 0) return { errors };
  return { data: { ...data, ...Object.fromEntries(cleared.map((name) => [name, null])) } };
}

function unidentified({ entity }: ProcessDefinition, identifying: readonly string[]): RowError {
  const message = `The row does not say which ${entity} is meant. Fill in ${oneOfThese(identifying)}.`;
  return { code: 'identifier_missing', message, ...(identifying[0] !== undefined && { column: identifying[0] }) };
}

/** What an entity is never without can't be cleared; nor can all that it is found by. */
function clearingError({ entity, entityKeys }: EntityRow['process'], data: RowData, name: string): RowError[] {
  if (entityKeys.required.includes(name)) {
    const message = `A ${entity} is never without ${name}, so an empty cell can't clear it. Fill it in, or leave the column out.`;
    return [{ code: 'cannot_clear', message, column: name }];
  }
  if (!entityKeys.unique.includes(name) || entityKeys.unique.some((other) => data[other] !== undefined)) return [];
  const message = `Without ${name} the ${entity} might not be found again. Fill in ${oneOfThese(entityKeys.unique)} in the same row.`;
  return [{ code: 'cannot_clear', message, column: name }];
}

/** Names as in "email or phone". */
export function oneOfThese(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
