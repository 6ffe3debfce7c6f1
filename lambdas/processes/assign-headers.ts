import type { ColumnMapping } from '../model/column-mapping.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { isReportColumn } from '../model/report-columns.ts';
import { exactHeader, normalizeHeader } from './headers.ts';

/** Several headers of a sheet that mean one column, so that nobody could say which holds its values. */
export interface HeaderConflict {
  readonly column: string;
  readonly headers: readonly string[];
}

/** A header whose name means a column that a mapping gave to another header. */
export interface DisplacedHeader {
  readonly header: string;
  readonly column: string;
}

/** Which header of a sheet means which column of a process. */
export interface HeaderAssignment {
  /** The index of the cell by the name of the column. */
  readonly mapped: ReadonlyMap<string, number>;
  /** Headers that mean no column. */
  readonly unknown: readonly string[];
  readonly displaced: readonly DisplacedHeader[];
  readonly conflicts: readonly HeaderConflict[];
  /** Headers that the mapping names and the sheet does not have. */
  readonly absent: readonly string[];
}

/** The columns of a process by each name that a header may have for them, normalized. */
export function columnsByName(process: Pick<ProcessDefinition, 'columns'>): ReadonlyMap<string, string> {
  const columns = new Map<string, string>();
  for (const [name, { aliases = [] }] of Object.entries(process.columns)) {
    for (const header of [name, ...aliases]) columns.set(normalizeHeader(header), name);
  }
  return columns;
}

/** Assigns the headers of a sheet to columns: as the mapping says, and where it is silent by name and alias. */
export function assignHeaders(
  byName: ReadonlyMap<string, string>,
  headers: readonly string[],
  mapping: ColumnMapping = {},
): HeaderAssignment {
  const said = new Map(Object.entries(mapping).map(([header, column]) => [exactHeader(header), column]));
  const taken = new Set(Object.values(mapping));
  const meanings = new Map<string, { header: string; index: number }[]>();
  const unknown: string[] = [];
  const displaced: DisplacedHeader[] = [];
  const mean = (column: string, header: string, index: number) =>
    meanings.set(column, [...(meanings.get(column) ?? []), { header, index }]);
  for (const [index, header] of headers.entries()) {
    const column = said.get(exactHeader(header));
    const named = byName.get(normalizeHeader(header));
    if (column !== undefined) {
      if (column !== null) mean(column, header, index);
    } else if (named === undefined) {
      if (header.trim() !== '' && !isReportColumn(header)) unknown.push(header);
    } else if (taken.has(named)) displaced.push({ header, column: named });
    else mean(named, header, index);
  }
  const found = new Set(headers.map(exactHeader));
  return {
    mapped: new Map([...meanings].map(([column, [first]]) => [column, first?.index ?? -1])),
    unknown,
    displaced,
    conflicts: [...meanings]
      .filter(([, several]) => several.length > 1)
      .map(([column, several]) => ({ column, headers: several.map(({ header }) => header) })),
    absent: Object.keys(mapping).filter((header) => !found.has(exactHeader(header))),
  };
}
