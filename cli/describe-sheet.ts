/** What a sheet was found to be. */
export interface FoundSheet {
  readonly format: string;
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly sheetName?: string | undefined;
}

/** `csv, utf-8, delimiter ";"`. */
export function describeSheet({ format, encoding, delimiter, sheetName }: FoundSheet): string {
  const details = [
    sheetName && `sheet '${sheetName}'`,
    encoding,
    delimiter && `delimiter ${JSON.stringify(delimiter)}`,
  ];
  return [format, ...details.filter(Boolean)].join(', ');
}
