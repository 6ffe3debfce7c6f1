import { type ZipPart, zip } from './zip.ts';

export const transitional = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
export const strict = 'http://purl.oclc.org/ooxml/spreadsheetml/main';
const officeRelationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageRelationships = 'http://schemas.openxmlformats.org/package/2006/relationships';

export interface WorkbookParts {
  /** XML inside `sheetData`, or a whole part if it begins with `<?xml` or `<!`. */
  sheets?: { name: string; data: string; state?: string }[];
  /** Shorthand for one sheet. */
  data?: string;
  /** XML of the `si` elements. */
  strings?: string;
  /** Format codes; style 1 is the first, style 0 is General. */
  formats?: (string | number)[];
  workbookPr?: string;
  namespace?: string;
  extra?: ZipPart[];
}

/** The parts of a workbook with just what a reader needs. */
export function workbookParts(parts: WorkbookParts): ZipPart[] {
  const ns = parts.namespace ?? transitional;
  const sheets = parts.sheets ?? [{ name: 'Sheet1', data: parts.data ?? '' }];
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${officeRelationships}/${type}" Target="${target}"/>`;
  const relations = (inner: string) => `<Relationships xmlns="${packageRelationships}">${inner}</Relationships>`;
  const list = sheets.map(
    ({ name, state }, index) =>
      `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"${state ? ` state="${state}"` : ''}/>`,
  );
  const all: ZipPart[] = [
    { name: '[Content_Types].xml', content: '<Types/>' },
    { name: '_rels/.rels', content: relations(relation('rId1', 'officeDocument', 'xl/workbook.xml')) },
    {
      name: 'xl/workbook.xml',
      content: `<workbook xmlns="${ns}" xmlns:r="${officeRelationships}">${parts.workbookPr ?? ''}<sheets>${list.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: relations(
        sheets
          .map((_, index) => relation(`rId${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`))
          .join('') +
          relation('rIdS', 'sharedStrings', '/xl/sharedStrings.xml') +
          relation('rIdF', 'styles', 'styles.xml'),
      ),
    },
    ...sheets.map(({ data }, index) => ({
      name: `xl/worksheets/sheet${index + 1}.xml`,
      content: /^<[?!]/.test(data) ? data : `<worksheet xmlns="${ns}"><sheetData>${data}</sheetData></worksheet>`,
    })),
  ];
  if (parts.strings !== undefined) {
    all.push({ name: 'xl/sharedStrings.xml', content: `<sst xmlns="${ns}">${parts.strings}</sst>` });
  }
  if (parts.formats !== undefined) all.push({ name: 'xl/styles.xml', content: stylesXml(ns, parts.formats) });
  return [...all, ...(parts.extra ?? [])];
}

export function workbook(parts: WorkbookParts): Buffer {
  return zip(workbookParts(parts));
}

/** Cells of text, as a `row` element. */
export function textRow(rowNumber: number, ...cells: string[]): string {
  return `<row r="${rowNumber}">${cells.map((cell) => `<c t="inlineStr"><is><t>${cell}</t></is></c>`).join('')}</row>`;
}

function stylesXml(ns: string, formats: (string | number)[]): string {
  const escaped = (code: string) => code.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  const own = formats.map((code, index) =>
    typeof code === 'string' ? `<numFmt numFmtId="${164 + index}" formatCode="${escaped(code)}"/>` : '',
  );
  const xfs = formats.map((code, index) => `<xf numFmtId="${typeof code === 'string' ? 164 + index : code}"/>`);
  // The lists around cellXfs are traps: they have elements of the same names.
  return `<styleSheet xmlns="${ns}"><numFmts>${own.join('')}</numFmts>
    <cellStyleXfs><xf numFmtId="14"/><xf numFmtId="14"/></cellStyleXfs>
    <cellXfs><xf numFmtId="0"/>${xfs.join('')}</cellXfs>
    <dxfs><dxf><numFmt numFmtId="164" formatCode="yyyy"/></dxf></dxfs></styleSheet>`;
}
