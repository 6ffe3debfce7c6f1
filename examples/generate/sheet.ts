/** A cell as it is written: text stays text, numbers become numbers where the format knows the difference. */
export type Cell = string | number;

export interface ExampleSheet {
  readonly fileName: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Makes a sheet of records that all have the same members; these are its columns. */
export function sheetOf<Name extends string>(
  fileName: string,
  columns: readonly Name[],
  records: readonly Readonly<Record<Name, Cell>>[],
): ExampleSheet {
  return { fileName, columns, rows: records.map((record) => columns.map((column) => record[column])) };
}
