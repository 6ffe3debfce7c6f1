import type { ActionProblem } from '../model/action.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { RowReader } from '../processes/validate-row.ts';
import { suggestNames } from './nearest-headers.ts';

/** A sheet's headers, and what a process makes of them. */
interface Headers {
  readonly process: ProcessDefinition;
  readonly reader: RowReader;
  readonly headers: readonly string[];
}

/** What is wrong with the header row, so that no row can be read. `mayGrow`: further headers may turn up, as in JSON. */
export function headerProblem(found: Headers & { readonly mayGrow: boolean }): ActionProblem | undefined {
  const { process, reader, mayGrow } = found;
  const { missing, absent, conflicts } = reader;
  if (!mayGrow) {
    // A header that is named wrongly is often why a column is missing.
    if (absent.length > 0) return absentHeaders(found);
    if (missing.length > 0) return missingColumns(process, missing);
  }
  if (conflicts.length === 0) return undefined;
  const items = conflicts.map(({ column, headers }) => `${column}: ${headers.join(', ')}`);
  return {
    code: 'ambiguous_columns',
    detail: `Several columns of the sheet mean the same: ${items.join('; ')}. Keep one of each, or say with \`columns\` which counts.`,
    items,
  };
}

/** The headers that `columns` names and the sheet does not have, if any. */
function absentHeaders({ reader, headers }: Pick<Headers, 'reader' | 'headers'>): ActionProblem | undefined {
  // The store keeps a map's entries in no order of its own.
  const items = [...reader.absent].sort();
  if (items.length === 0) return undefined;
  const there = headers.filter((header) => header.trim() !== '');
  const named = items.map((header) => `"${header}"${suggestNames(header, there)}`);
  return {
    code: 'unknown_headers',
    detail: `The sheet does not have these headers, which \`columns\` names: ${named.join(', ')}. Name headers as they stand in the sheet.`,
    items,
  };
}

/** What people should know about headers that do no harm. */
export function headerWarnings(process: ProcessDefinition, { unknown, displaced }: RowReader): string[] {
  return [
    ...unknown.map(
      (header) => `Column "${header}" is not one of ${process.name}'s; it is kept in the report and otherwise ignored.`,
    ),
    ...displaced.map(
      ({ header, column }) =>
        `Column "${header}" is ignored, because \`columns\` says that another holds ${column}; it is kept in the report.`,
    ),
  ];
}

function missingColumns({ name }: ProcessDefinition, missing: readonly string[]): ActionProblem {
  return {
    code: 'missing_columns',
    detail: `The sheet lacks required columns of ${name}: ${missing.join(', ')}. Add them to the header row, or say with \`columns\` which headers hold them; the process's template has them all.`,
    items: [...missing],
  };
}
