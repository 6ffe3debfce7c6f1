import { describe, expect, test } from 'vitest';
import { readAll, sheetErrorOf } from './sheets.ts';
import { textRow, workbook } from './workbook.ts';
import { zip } from './zip.ts';

/** A container as old Office writes it, with these names in its directory. */
function oleFile(...names: string[]): Buffer {
  const header = Buffer.alloc(512);
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]).copy(header);
  header.writeUInt16LE(9, 30);
  header.writeUInt32LE(1, 48);
  const directory = Buffer.alloc(512);
  for (const [index, name] of names.entries()) directory.write(name, index * 128, 'utf16le');
  return Buffer.concat([header, Buffer.alloc(512, 0x20), directory]);
}

describe('what a file is', () => {
  test.each([
    ['csv', 'a,b\n1,2\n'],
    ['csv', '[id],{name}\n1,2\n'],
    ['csv', '{name},b\n1,2\n'],
    ['csv', '<id>,facilityName\n1,A\n'],
    ['csv', '<id>,<name>\n1,A\n'],
    ['csv', '<id>;name\n<1>;<A>\n'],
    ['csv', '<5 years,name\n1,A\n'],
    ['csv', '<head-count>,name\n1,A\n'],
    ['tsv', '<id>\t<name>\n1\tA\n'],
    ['tsv', 'a\tb\n1\t2\n'],
    ['json', ' \n[ {"a":1} ]'],
    ['json', '\ufeff[{"a":1}]'],
    ['ndjson', '{"a":1}'],
    ['ndjson', '\n {"a":1}\n{"a":2}\n'],
    ['xlsx', workbook({ data: textRow(1, 'a') + textRow(2, '1') })],
  ])('%s by its content (case %#)', async (format, content) => {
    expect(await readAll(content)).toMatchObject({ format });
  });

  test('JSON may be UTF-16', async () => {
    const { format, records } = await readAll(Buffer.from('\ufeff[{"a":"ü"}]', 'utf16le'));
    expect([format, records[0]?.cells]).toEqual(['json', ['ü']]);
  });
});

describe('what is no sheet', () => {
  test.each([
    ['empty_sheet', 'no bytes', ''],
    ['empty_sheet', 'white space', '\r\n \r\n\t'],
    ['empty_sheet', 'a byte order mark', '\ufeff'],
    ['no_rows', 'a header', 'a,b'],
    ['no_rows', 'an empty array', '[ ]'],
    ['unsupported_format', 'PDF', '%PDF-1.7\n%âã\n'],
    ['unsupported_format', 'PNG', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')],
    ['unsupported_format', 'JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10])],
    ['unsupported_format', 'a web page', '\n<!DOCTYPE html><table><tr><td>1</td></tr></table>'],
    ['unsupported_format', 'XML', '<?xml version="1.0"?><Workbook/>'],
    ['unsupported_format', 'a comment of XML', '<!-- saved -->\n<rows><row>1,2</row></rows>'],
    ['unsupported_format', 'a table', '<table class="x">\nname,type\n1,2\n</table>'],
    ['unsupported_format', 'an image (SVG)', ' <svg/>'],
    ['unsupported_format', 'XML without a declaration', '<rows count="1">\r\n\t<row>1,2</row>\r\n</rows>'],
    ['unsupported_format', 'an element', '<p>name,type</p>\n1,2\n'],
    [
      'unsupported_format',
      'XML behind much white space',
      `<rows>${' '.repeat(100_000)}\n${'\n'.repeat(100_000)}<row/>`,
    ],
    ['unsupported_format', 'gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0])],
    ['unsupported_format', 'binary data', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7) % 256))],
    ['unsupported_format', 'binary data without NUL', Buffer.from(Array.from({ length: 999 }, (_, i) => 1 + (i % 9)))],
    ['unsupported_format', '.xls', oleFile('Root Entry', 'Workbook')],
    ['encrypted_sheet', 'a protected .xlsx', oleFile('Root Entry', 'EncryptionInfo', 'EncryptedPackage')],
    ['unsupported_format', '.xlsb', zip([{ name: 'xl/workbook.bin', content: 'x' }])],
    [
      'unsupported_format',
      '.ods',
      zip([
        { name: 'mimetype', content: 'x' },
        { name: 'content.xml', content: 'x' },
      ]),
    ],
    ['unsupported_format', '.docx', zip([{ name: 'word/document.xml', content: 'x' }])],
    [
      'unsupported_format',
      'a zip of folders',
      zip([
        { name: 'a/', content: '' },
        { name: 'a/b.csv', content: 'a\n1' },
      ]),
    ],
    ['unsupported_format', 'a zip of nothing', zip([])],
    ['broken_xlsx', 'half a zip', workbook({ data: textRow(1, 'a') }).subarray(0, 300)],
  ])('%s: %s', async (code, _, content) => {
    expect(await sheetErrorOf(readAll(content))).toMatchObject({ code });
  });
});
