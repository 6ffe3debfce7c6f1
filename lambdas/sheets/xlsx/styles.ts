import { builtInFormat, type NumberFormat, parseNumberFormat } from './number-format.ts';
import { readXml, spreadsheetNamespaces } from './xml-part.ts';
import type { ZipArchive } from './zip-archive.ts';

/** The number format of each cell style, by the number cells refer to it with. */
export async function readCellFormats(archive: ZipArchive, part: string | undefined): Promise<NumberFormat[]> {
  if (part === undefined || !archive.has(part)) return [];
  const own = new Map<number, NumberFormat>();
  const formats: NumberFormat[] = [];
  // `xf` and `numFmt` also stand in lists that are none of the cells'.
  const parents: string[] = [];
  await readXml(part, archive.read(part), spreadsheetNamespaces, {
    open(name, { numFmtId, formatCode }) {
      const parent = parents.at(-1);
      const id = Number(numFmtId?.value ?? 0);
      if (name === 'numFmt' && parent === 'numFmts') own.set(id, parseNumberFormat(formatCode?.value ?? ''));
      if (name === 'xf' && parent === 'cellXfs') formats.push(own.get(id) ?? builtInFormat(id));
      parents.push(name);
    },
    close() {
      parents.pop();
    },
  });
  return formats;
}
