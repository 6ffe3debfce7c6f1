import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openSheet } from '../../lambdas/sheets/open-sheet.ts';
import type { SheetSource } from '../../lambdas/sheets/sheet.ts';
import { memorySource, readAll, readCells, sheetErrorOf } from './sheets.ts';

/** A source that counts the bytes taken from it and tells when its streams are given back. */
function watchedSource(content: string): SheetSource & { bytesRead: number; openStreams: number } {
  const inner = memorySource(content);
  const watched = {
    size: inner.size,
    bytesRead: 0,
    openStreams: 0,
    open: async (range?: { start: number; end: number }) => {
      const stream = await inner.open(range);
      watched.openStreams += 1;
      stream.on('close', () => {
        watched.openStreams -= 1;
      });
      stream.on('data', (chunk: Buffer) => {
        watched.bytesRead += chunk.length;
      });
      return stream.pause();
    },
  };
  return watched;
}

describe('numbering', () => {
  test('rows are numbered as a spreadsheet shows them, lines as an editor does', async () => {
    const { headers, records } = await readAll('name,note\r\nA,"two\r\nlines"\r\n\r\nB,x\r\n,\r\nC,y');
    expect(headers).toEqual(['name', 'note']);
    expect(records).toEqual([
      { rowNumber: 2, line: 2, cells: ['A', 'two\r\nlines'] },
      { rowNumber: 4, line: 5, cells: ['B', 'x'] },
      { rowNumber: 6, line: 7, cells: ['C', 'y'] },
    ]);
  });

  test('rows below blank lines keep their places in the count, and errors their lines', async () => {
    const sheet = await readAll('\r\na,b\r\n\r\n\r\n1,2\r\n , \r\n3,4\r\n\r\n');
    expect(sheet.records.map(({ rowNumber, line }) => [rowNumber, line])).toEqual([
      [5, 5],
      [7, 7],
    ]);
    const error = await sheetErrorOf(readAll('a,b\n\n\n1,2\n\n"3,4\n'));
    expect([error.rowNumber, error.message]).toEqual([6, expect.stringContaining('starts on line 6')]);
  });

  test('millions of blank lines are passed over at once', async () => {
    const { records } = await readAll(`a,b\n1,2\n${'\n'.repeat(5_000_000)}3,4\n`);
    expect(records.map(({ rowNumber }) => rowNumber)).toEqual([2, 5_000_003]);
  });

  test('a header below blank lines keeps its place in the count', async () => {
    const { records } = await readAll('\n\na,b\n1,2\n');
    expect(records).toEqual([{ rowNumber: 4, line: 4, cells: ['1', '2'] }]);
  });

  test('LF, CR LF and CR may be mixed', async () => {
    const { records } = await readAll('a,b\r1,2\r\n3,4\n5,6');
    expect(records.map(({ rowNumber, line, cells }) => [rowNumber, line, ...cells])).toEqual([
      [2, 2, '1', '2'],
      [3, 3, '3', '4'],
      [4, 4, '5', '6'],
    ]);
  });

  test('batches have at most 100 records, in order', async () => {
    const rows = Array.from({ length: 203 }, (_, index) => `${index}`);
    const sheet = await openSheet(memorySource(`n\n${rows.join('\n')}`));
    const sizes: number[] = [];
    const seen: string[] = [];
    for await (const batch of sheet.batches) {
      sizes.push(batch.length);
      seen.push(...batch.map(({ cells }) => cells[0] as string));
    }
    expect(sizes).toEqual([100, 100, 3]);
    expect(seen).toEqual(rows);
  });

  test('large records make small batches', async () => {
    const row = 'x'.repeat(30_000);
    const sheet = await openSheet(memorySource(`n\n${`${row}\n`.repeat(300)}`));
    const sizes: number[] = [];
    for await (const batch of sheet.batches) sizes.push(batch.length);
    expect(Math.max(...sizes)).toBeLessThan(100);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(300);
  });
});

describe('delimiters', () => {
  test.each([
    [',', 'csv'],
    [';', 'csv'],
    ['\t', 'tsv'],
    ['|', 'csv'],
  ])('%j is found out', async (delimiter, format) => {
    const text = `${['name', 'type', 'capacity'].join(delimiter)}\n${['A', 'B', '1'].join(delimiter)}`;
    const sheet = await readAll(text);
    expect(sheet).toMatchObject({ delimiter, format, headers: ['name', 'type', 'capacity'] });
  });

  test('commas in quoted cells and in decimals do not win over the semicolons', async () => {
    const sheet = await readAll(
      'name;address;lat\n"A";"Road 1, Town, Land";1,5\n"B";"Road 2, Town, Land";2,5\n"C";"Road; 3, Town";3,5\n',
    );
    expect(sheet.delimiter).toBe(';');
    expect(sheet.records.map(({ cells }) => cells[2])).toEqual(['1,5', '2,5', '3,5']);
  });

  test('a delimiter inside quotes that span lines does not count', async () => {
    const sheet = await readAll('name,note\nA,"a;b\nc;d"\nB,"e;f\n;;;"\n');
    expect(sheet.delimiter).toBe(',');
    expect(sheet.records).toHaveLength(2);
  });

  test.each([
    ['spaces', '   '],
    ['quoted spaces', '"  "'],
    ['the delimiter', ' ; ;'],
    ['spaces in two lines', '  \r\n\t '],
  ])('GIVEN a first line of nothing but %s WHEN read THEN the delimiter is that of the header', async (_, blank) => {
    const sheet = await readAll(`${blank}\r\nname;address\r\nA;"Road 1, Town"\r\nB;"Road 2, Town"\r\n`);
    expect(sheet).toMatchObject({ delimiter: ';', headers: ['name', 'address'] });
    expect(sheet.records.map(({ cells }) => cells)).toEqual([
      ['A', 'Road 1, Town'],
      ['B', 'Road 2, Town'],
    ]);
  });

  test('one column needs no delimiter', async () => {
    expect(await readCells('mobileNumber\n0712345678\n0712345679\n')).toEqual([['0712345678'], ['0712345679']]);
  });

  test('a first line sep= is honoured and is no row', async () => {
    const sheet = await readAll('sep=:\r\na:b,c\r\n1:2,3\r\n');
    expect(sheet).toMatchObject({ delimiter: ':', headers: ['a', 'b,c'] });
    expect(sheet.records).toEqual([{ rowNumber: 2, line: 3, cells: ['1', '2,3'] }]);
  });
});

describe('encodings', () => {
  const text = 'nome;lugar\nJoão;Gurúè – “Norte”\nZoë;€ 5\n';
  const cells = [
    ['João', 'Gurúè – “Norte”'],
    ['Zoë', '€ 5'],
  ];
  const swapped = (buffer: Buffer) => Buffer.from(buffer).swap16();
  const utf16 = Buffer.from(text, 'utf16le');
  const windows = Buffer.from(
    text.replaceAll('–', '\x96').replaceAll('“', '\x93').replaceAll('”', '\x94').replaceAll('€', '\x80'),
    'latin1',
  );
  test.each([
    ['utf-8', Buffer.from(text)],
    ['utf-8', Buffer.from(`\ufeff${text}`)],
    ['utf-16le', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16])],
    ['utf-16le', utf16],
    ['utf-16be', Buffer.concat([Buffer.from([0xfe, 0xff]), swapped(utf16)])],
    ['utf-16be', swapped(utf16)],
    ['windows-1252', windows],
  ])('%s (case %#), whatever the size of the chunks', async (encoding, bytes) => {
    for (const chunkBytes of [1, 2, 3, 5, 1000]) {
      const sheet = await readAll(memorySource(bytes, chunkBytes));
      expect(sheet.encoding).toBe(encoding);
      expect(sheet.headers).toEqual(['nome', 'lugar']);
      expect(sheet.records.map((record) => record.cells)).toEqual(cells);
    }
  });

  describe('beyond a head of nothing but ASCII', () => {
    const line = 'Centro de Saude;1\n';
    const head = `nome;n\n${line.repeat(20_000)}`;
    const late = (...parts: (string | Buffer)[]) => Buffer.concat([head, ...parts].map((part) => Buffer.from(part)));
    const windowsLine = Buffer.from('Jo\xe3o \x96 \x80;2\n', 'latin1');

    test.each([
      ['windows-1252', late(windowsLine, line)],
      ['utf-8', late('João – €;2\n', line)],
    ])('GIVEN the first letters in %s WHEN read THEN they are read as such', async (encoding, bytes) => {
      for (const chunkBytes of [7, 1000, 1 << 16, bytes.length]) {
        const sheet = await readAll(memorySource(bytes, chunkBytes));
        expect(sheet.encoding).toBe(encoding);
        expect(sheet.records).toHaveLength(20_002);
        expect(sheet.records.at(-2)).toMatchObject({ rowNumber: 20_002, line: 20_002, cells: ['João – €', '2'] });
      }
    });

    test('GIVEN text whose letters are all far behind WHEN opened THEN it is UTF-8 until they come', async () => {
      const sheet = await openSheet(memorySource(late(windowsLine)));
      expect(sheet.encoding).toBe('utf-8');
      for await (const batch of sheet.batches) expect(batch).not.toEqual([]);
      expect(sheet.encoding).toBe('windows-1252');
    });

    test('GIVEN a character across the end of what is looked at WHEN read THEN it is whole', async () => {
      for (const shift of [0, 1, 2]) {
        const name = `${'x'.repeat(shift)}€`;
        const { encoding, records } = await readAll(late(`${name};2\n`.repeat(15_000)));
        expect(encoding).toBe('utf-8');
        expect(new Set(records.slice(20_000).map(({ cells }) => cells[0]))).toEqual(new Set([name]));
      }
    });

    test('GIVEN a late mark that is no byte order mark WHEN read THEN it stays', async () => {
      const { records } = await readAll(late('\ufeffA;2\n'));
      expect(records.at(-1)?.cells).toEqual(['\ufeffA', '2']);
    });

    test.each([
      ['damaged UTF-8', ['João;1\nGurúè;2\n', Buffer.from([0xe3, 0x0a])], 20_004],
      ['UTF-8 and Windows-1252 by turns', ['João;1\n'.repeat(20_000), windowsLine], 40_002],
      ['a character cut off by the end of the file', [Buffer.from([0xc3])], 20_002],
    ])('GIVEN %s WHEN read THEN it is an error with its line', async (_, parts, at) => {
      expect(await sheetErrorOf(readAll(late(...parts)))).toMatchObject({ code: 'invalid_text', line: at });
    });

    test('GIVEN a reader that stops behind the first letters WHEN it does THEN the source is let go', async () => {
      const source = watchedSource(`${head}João;2\n${line.repeat(200_000)}`);
      const sheet = await openSheet(source);
      for await (const batch of sheet.batches) if (batch.some(({ cells }) => cells[0] === 'João')) break;
      await expect.poll(() => source.openStreams).toBe(0);
    });
  });

  test('a byte that is no UTF-8, far behind a head that is, is an error with its line and no replacement character', async () => {
    const line = 'Centro de Saúde;1\n';
    const head = `nome;n\n${line.repeat(20_000)}`;
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0x4a, 0x6f, 0xe3, 0x6f, 0x0a]), Buffer.from(line)]);
    expect(await sheetErrorOf(readAll(bytes))).toMatchObject({ code: 'invalid_text', line: 20_002 });
  });

  test('a damaged byte among good UTF-8 does not turn the whole text into something else', async () => {
    const bytes = Buffer.concat([Buffer.from('nome\nJoão\nGurúè\n'), Buffer.from([0xe3, 0x0a]), Buffer.from('Zoë\n')]);
    expect(await sheetErrorOf(readAll(bytes))).toMatchObject({ code: 'invalid_text', line: 4 });
  });

  test('a character cut off by the end of the file is an error', async () => {
    const bytes = Buffer.concat([Buffer.from(`nome\nJoão\n${'A\n'.repeat(200_000)}`), Buffer.from([0xc3])]);
    expect(await sheetErrorOf(readAll(bytes))).toMatchObject({ code: 'invalid_text', line: 200_003 });
  });

  test('half a UTF-16 character is an error', async () => {
    const bytes = Buffer.concat([Buffer.from('\ufeffa;b\n1;2\n', 'utf16le'), Buffer.from([0x00, 0xd8, 0x41, 0x00])]);
    expect(await sheetErrorOf(readAll(bytes))).toMatchObject({ code: 'invalid_text', line: 3 });
  });

  test('UTF-32 is refused by name', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]);
    expect(await sheetErrorOf(readAll(bytes))).toMatchObject({ code: 'unsupported_encoding' });
  });
});

describe('ragged rows', () => {
  test('too few and too many cells are problems of their rows, whose cells stay as they were', async () => {
    const { records } = await readAll('a,b,c\n1,2\n1,2,3,4\n1,2,3\n');
    expect(records).toMatchObject([
      { rowNumber: 2, cells: ['1', '2'], problem: { code: 'too_few_cells', column: 'c' } },
      { rowNumber: 3, cells: ['1', '2', '3', '4'], problem: { code: 'too_many_cells', column: 'D', value: '4' } },
      { rowNumber: 4, cells: ['1', '2', '3'] },
    ]);
    expect(records[0]?.problem?.message).toContain('2 cells but the header has 3');
    expect(records[2]).not.toHaveProperty('problem');
  });

  test('empty cells beyond the header are what spreadsheets leave behind', async () => {
    const { headers, records } = await readAll('a,b,,\n1,2,,\n3,4\n5,6,,,,,\n');
    expect(headers).toEqual(['a', 'b']);
    expect(records.map(({ cells }) => cells)).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]);
    expect(records.every(({ problem }) => problem === undefined)).toBe(true);
  });
});

describe('headers', () => {
  test('all duplicates are named with their columns', async () => {
    const error = await sheetErrorOf(readAll('name,type, name,x,type\n1,2,3,4,5\n'));
    expect(error.code).toBe('duplicate_header');
    expect(error.message).toContain('"name" (A, C)');
    expect(error.message).toContain('"type" (B, E)');
  });

  test('a column without a name is fine as long as it is empty', async () => {
    const { headers, records } = await readAll('a,,b\n1,,2\n');
    expect(headers).toEqual(['a', '', 'b']);
    expect(records[0]?.cells).toEqual(['1', '', '2']);
  });

  test('values under no name are an error that says where', async () => {
    const error = await sheetErrorOf(readAll('a,,b\n1,,2\n1,lost,2\n'));
    expect(error).toMatchObject({ code: 'empty_header', rowNumber: 3 });
    expect(error.message).toContain('Column B');
  });

  test('too many columns', async () => {
    const header = Array.from({ length: 257 }, (_, index) => `c${index}`).join(',');
    expect(await sheetErrorOf(readAll(`${header}\n1\n`))).toMatchObject({ code: 'too_many_columns' });
  });

  test('a header alone is not enough', async () => {
    expect(await sheetErrorOf(openSheet(memorySource('a,b\n\n\n')))).toMatchObject({ code: 'no_rows' });
  });
});

describe('quotes', () => {
  test('a quote inside a cell is text', async () => {
    expect(await readCells('a,b\n5" pipe,"say ""hi"""\n"x"y,z\n')).toEqual([
      ['5" pipe', 'say "hi"'],
      ['"x"y', 'z'],
    ]);
  });

  test('a quote that is never closed: where it opened and where that was noticed', async () => {
    const error = await sheetErrorOf(readAll('name,note\r\nA,1\r\nB,"never\r\nC,3\r\nD,4\r\n'));
    expect(error).toMatchObject({ code: 'unclosed_quote', line: 5, rowNumber: 3 });
    expect(error.message).toContain('column "note" of the row that starts on line 3');
    expect(error.message).toContain('at the end of the file, on line 5');
  });

  test('the row of an unclosed quote is right also when earlier rows of the same chunk were not read yet', async () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => `r${index},"x\ny"`).join('\n');
    const error = await sheetErrorOf(readAll(`a,b\n${rows}\n"open,1\n`));
    expect(error).toMatchObject({ code: 'unclosed_quote', rowNumber: 2_002 });
    expect(error.message).toContain('starts on line 4002');
  });

  test('an unclosed quote is given up after 1 MiB, not after the whole file', async () => {
    const source = watchedSource(`a,b\n1,"open\n${'some,row\n'.repeat(3_000_000)}`);
    const error = await sheetErrorOf(readAll(source));
    expect(error.code).toBe('unclosed_quote');
    expect(error.message).toContain('starts on line 2');
    expect(source.bytesRead).toBeLessThan(4 * 1024 * 1024);
  });

  test('rows that an unclosed quote has run together do not pass for one good row', async () => {
    const { records } = await readAll('id,name\n"abc,1\n"def",2\n3,x\n');
    expect(records).toMatchObject([
      { rowNumber: 2, problem: { code: 'misplaced_quote', column: 'id' } },
      { rowNumber: 3, line: 4, cells: ['3', 'x'] },
    ]);
  });

  test('quoted text over several lines with quotes around it is no misplaced quote', async () => {
    const { records } = await readAll('id,name\n1,"""two\nlines"""\n');
    expect(records).toEqual([{ rowNumber: 2, line: 2, cells: ['1', '"two\nlines"'] }]);
  });
});

describe('sizes', () => {
  test('a cell beyond the limit, measured in bytes, is a problem of its row', async () => {
    const fits = 'é'.repeat(16_384);
    const { records } = await readAll(`a,b\n1,${fits}\n2,${fits}é\n`);
    expect(records[0]).not.toHaveProperty('problem');
    expect(records[1]?.problem).toMatchObject({ code: 'cell_too_large', column: 'b' });
    expect(records[1]?.problem?.value).toHaveLength(100);
  });

  test.each([
    ['one endless cell', 'x'.repeat(40_000_000)],
    ['endless delimiters', ','.repeat(40_000_000)],
  ])('%s is given up early', async (_, line) => {
    const source = watchedSource(`a,b\n${line}\n`);
    expect(await sheetErrorOf(readAll(source))).toMatchObject({ code: 'record_too_large', rowNumber: 2 });
    expect(source.bytesRead).toBeLessThan(5 * 1024 * 1024);
  });

  test('too many rows', async () => {
    const reading = readAll('a\n1\n2\n3\n', { limits: { rows: 2 } });
    expect(await sheetErrorOf(reading)).toMatchObject({ code: 'too_many_rows', rowNumber: 4 });
  });
});

describe('the source', () => {
  const content = `a,b\n${'1,2\n'.repeat(200_000)}`;

  test('is let go when the reader stops early', async () => {
    const source = watchedSource(content);
    const sheet = await openSheet(source);
    for await (const batch of sheet.batches) if (batch.length > 0) break;
    await expect.poll(() => source.openStreams).toBe(0);
  });

  test('is let go when the sheet is closed unread, twice if need be', async () => {
    const source = watchedSource(content);
    const sheet = await openSheet(source);
    await sheet.close();
    await sheet.close();
    await expect.poll(() => source.openStreams).toBe(0);
  });

  test('has its errors passed on as they are', async () => {
    const failure = new Error('connection lost');
    const source: SheetSource = {
      size: content.length,
      open: async (range) =>
        range
          ? Readable.from([Buffer.from(content.slice(range.start, range.end))])
          : Readable.from(
              (function* () {
                yield Buffer.from(content.slice(0, 100_000));
                throw failure;
              })(),
            ),
    };
    await expect(readAll(source)).rejects.toBe(failure);
  });
});
