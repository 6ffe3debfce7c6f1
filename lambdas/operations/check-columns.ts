import type { ColumnMapping } from '../model/column-mapping.ts';
import { invalidRequest, type RequestError } from '../model/invalid-request.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { exactHeader } from '../processes/headers.ts';
import { suggestNames } from '../steps/nearest-headers.ts';

interface Finding extends Pick<RequestError, 'expected' | 'received'> {
  readonly header: string;
}

/**
 * Refuses a mapping that no sheet could be read by: one that names columns which the process does not have, or gives one
 * column to several headers. Whether the sheet has the headers is seen when it is read.
 * @throws ProblemError `invalid_request` that lists all findings.
 */
export function checkColumns(process: ProcessDefinition, mapping: ColumnMapping | undefined): void {
  if (!mapping) return;
  const findings = [...unknownColumns(process, mapping), ...doubledColumns(mapping), ...doubledHeaders(mapping)];
  if (findings.length === 0) return;
  throw invalidRequest(
    findings.map(({ header, ...finding }) => ({ in: 'body', path: `columns.${header}`, ...finding })),
  );
}

function unknownColumns({ name, columns }: ProcessDefinition, mapping: ColumnMapping): Finding[] {
  const names = Object.keys(columns);
  return Object.entries(mapping).flatMap(([header, column]) => {
    if (column === null || names.includes(column)) return [];
    const expected = `null or a column of ${name} (${names.join(', ')})`;
    return [{ header, expected, received: `"${column}"${suggestNames(column, names)}` }];
  });
}

function doubledColumns(mapping: ColumnMapping): Finding[] {
  const byColumn = Map.groupBy(Object.entries(mapping), ([, column]) => column);
  return [...byColumn].flatMap(([column, entries]) => {
    if (column === null || entries.length === 1) return [];
    const headers = entries.map(([header]) => header);
    return headers.map((header) => ({
      header,
      expected: `each column once, but ${headers.map((each) => `"${each}"`).join(' and ')} have the same`,
      received: `"${column}"`,
    }));
  });
}

/** Headers that differ by the space around them only are one in the sheet. */
function doubledHeaders(mapping: ColumnMapping): Finding[] {
  const byHeader = Map.groupBy(Object.keys(mapping), exactHeader);
  return [...byHeader.values()]
    .filter((headers) => headers.length > 1)
    .map(([header = '', ...others]) => ({
      header,
      expected: 'each header once',
      received: [header, ...others].map((each) => `"${each}"`).join(' and '),
    }));
}
