import type { SheetFormat } from './sheet.ts';
import { SheetError } from './sheet-error.ts';

const oleMagic = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);

/** First bytes of what people upload by mistake, and what it is called. */
const foreignMagics: readonly [Buffer, string][] = [
  [Buffer.from('%PDF'), 'a PDF document'],
  [Buffer.from('{\\rtf'), 'a rich-text document'],
  [Buffer.from([0x89, 0x50, 0x4e, 0x47]), 'an image (PNG)'],
  [Buffer.from([0xff, 0xd8, 0xff]), 'an image (JPEG)'],
  [Buffer.from('GIF8'), 'an image (GIF)'],
  [Buffer.from([0x1f, 0x8b]), 'a compressed file (gzip)'],
  [Buffer.from('Rar!'), 'a compressed file (RAR)'],
  [Buffer.from('7z\xbc\xaf', 'latin1'), 'a compressed file (7-Zip)'],
  [Buffer.from('PAR1'), 'a Parquet file'],
];

/** How markup begins. A header may begin with a tag too, as in `<id>,<name>`: in markup another follows at once, or closes it. */
const markup = [
  /^\s*<(?:\?[a-z]|!doctype|!--)/i,
  /^\s*<(?:html|head|body|table|meta|script|style|svg)[\s/>]/i,
  // A tab would be a delimiter between two headers, unless it indents a new line.
  /^\s*<[a-z][^<>]*> *(?:[\r\n]\s*)?</i,
  /^\s*<[a-z][^<>]*>[^<>]*<\//i,
];

export function isZip(head: Buffer): boolean {
  const third = head[2];
  // Local file header, or the end record of a zip without any file.
  return head[0] === 0x50 && head[1] === 0x4b && (third === 0x03 || third === 0x05);
}

/** The container of old .xls files, and of encrypted .xlsx ones. */
export function isOle(head: Buffer): boolean {
  return head.subarray(0, oleMagic.length).equals(oleMagic);
}

/** @throws SheetError for a file that says by its first bytes that it is no sheet. */
export function refuseForeign(head: Buffer): void {
  const foreign = foreignMagics.find(([magic]) => head.subarray(0, magic.length).equals(magic));
  if (foreign !== undefined) throw unsupportedFormat(foreign[1]);
}

/** What text is, by its first characters. @throws SheetError for a web page or XML. */
export function textFormat(sample: string): 'json' | 'ndjson' | 'delimited' {
  if (markup.some((beginning) => beginning.test(sample))) throw unsupportedFormat('a web page or an XML document');
  // A header may begin with a bracket too, as in `[id],[name]`: look at what JSON would have next.
  if (/^\s*\[\s*(?:[{["\]\d-]|true|false|null|$)/.test(sample)) return 'json';
  return /^\s*\{\s*(?:["}]|$)/.test(sample) ? 'ndjson' : 'delimited';
}

/** True where headers are the keys of records, so that each record may bring new ones. */
export function headersMayGrow(format: SheetFormat): boolean {
  return format === 'json' || format === 'ndjson';
}

export function unsupportedFormat(what: string): SheetError {
  return new SheetError(
    'unsupported_format',
    `The file is ${what}, not a sheet. Upload CSV, XLSX, JSON or NDJSON: in a spreadsheet program, save it as .xlsx or .csv.`,
  );
}
