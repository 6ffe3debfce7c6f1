import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutKeys } from '../../lambdas/sheets/json-records.ts';
import { memorySource, readAll, sheetErrorOf } from './sheets.ts';

const asArray = (elements: unknown[]) => JSON.stringify(elements, null, 1);
const asLines = (elements: unknown[]) => elements.map((element) => JSON.stringify(element)).join('\n');

describe.each([
  ['json', asArray],
  ['ndjson', asLines],
])('%s', (format, text) => {
  test('keys become headers as they appear, values become text', async () => {
    const sheet = await readAll(
      text([
        { a: 1, b: true },
        { b: null, c: [1, 'x', null, false] },
        { a: { d: [1] }, c: [[1]] },
      ]),
    );
    expect(sheet.format).toBe(format);
    expect(sheet.headers).toEqual(['a', 'b', 'c']);
    expect(sheet.records.map(({ rowNumber, cells }) => [rowNumber, ...cells])).toEqual([
      [1, '1', 'true'],
      [2, '', '', '1,x,,false'],
      [3, '{"d":[1]}', '', '[[1]]'],
    ]);
  });

  test('a record has the text that it was made from', async () => {
    const elements = ['{"id": 12345678901234567890, "price": 1.50}', '{"a":[ 1 ], "b":null}', '{}', '5'];
    const { records } = await readAll(format === 'json' ? `[ ${elements.join(' ,\n ')} ]` : elements.join('\n'));
    expect(records.map(({ element }) => element)).toEqual([...elements.slice(0, 3), undefined]);
    const without = (key: string) =>
      records.slice(0, 3).map(({ element }) => withoutKeys(element as string, (one) => one === key));
    expect(without('price')).toEqual(['{"id":12345678901234567890}', '{"a":[1],"b":null}', '{}']);
    expect(without('id')[0]).toBe('{"price":1.50}');
  });

  test('what is no object is a problem of its record', async () => {
    const { records } = await readAll(text([{ a: 1 }, 5, 'x', null, [1], { a: 2 }]));
    expect(records.map(({ problem }) => problem?.code)).toEqual([
      undefined,
      ...new Array(4).fill('not_an_object'),
      undefined,
    ]);
    expect(records[5]).toMatchObject({ rowNumber: 6, cells: ['2'] });
  });

  test('numbers with more digits than a number holds keep them', async () => {
    const raw =
      '{"id": 12345678901234567890, "phone": "0012345678901234567", "small": 1.50, "exact": -12345678901234567.10}';
    const { records } = await readAll(format === 'json' ? `[${raw}]` : raw);
    expect(records[0]?.cells).toEqual(['12345678901234567890', '0012345678901234567', '1.5', '-12345678901234567.10']);
  });

  test('a number reads the same whatever stands beside it', async () => {
    const lines = ['{"few": 1.00000000000000}', '{"few": 1.00000000000000, "many": 12345678901234567890}'];
    const { records } = await readAll(format === 'json' ? `[${lines.join(',')}]` : lines.join('\n'));
    expect(records.map(({ cells }) => cells[0])).toEqual(['1', '1']);
  });

  test('a key twice counts once, and __proto__ is a key like others', async () => {
    const raw = '{"a": 1, "a": 2, "__proto__": {"polluted": true}, "constructor": "c"}';
    const { headers, records } = await readAll(format === 'json' ? `[${raw},{"x":1}]` : `${raw}\n{"x":1}`);
    expect(headers).toEqual(['a', '__proto__', 'constructor', 'x']);
    expect(records.map(({ cells }) => cells)).toEqual([
      ['2', '{"polluted":true}', 'c'],
      ['', '', '', '1'],
    ]);
    expect({}).not.toHaveProperty('polluted');
  });

  test('deep nesting is a problem of its record, whatever the depth', async () => {
    const deep = (levels: number, inner: string) => `{"a":${'['.repeat(levels)}${inner}${']'.repeat(levels)}}`;
    const elements = [deep(31, '1'), deep(32, '1'), deep(100_000, '1234567890123456'), '{"a":3}'];
    const { records } = await readAll(format === 'json' ? `[${elements.join(',')}]` : elements.join('\n'));
    expect(records.map(({ problem }) => problem?.code)).toEqual([undefined, 'too_deep', 'too_deep', undefined]);
  });

  test('too many keys over all elements', async () => {
    const elements = Array.from({ length: 257 }, (_, index) => ({ [`k${index}`]: 1 }));
    expect(await sheetErrorOf(readAll(text(elements)))).toMatchObject({ code: 'too_many_columns', rowNumber: 257 });
  });

  test('a cell beyond the limit, and an element beyond 1 MiB', async () => {
    const { records } = await readAll(text([{ a: 'x'.repeat(32_769) }, { a: 'y' }]));
    expect(records.map(({ problem }) => problem?.code)).toEqual(['cell_too_large', undefined]);
    const error = await sheetErrorOf(readAll(text([{ a: 'y' }, { a: 'x'.repeat(2_000_000) }])));
    expect(error).toMatchObject({ code: 'record_too_large', rowNumber: 2 });
  });

  test('any objects come back, cut into chunks of any size', async () => {
    const element = fc.dictionary(fc.constantFrom('a', 'b', 'ключ', '"{[', ''), fc.string({ unit: 'binary' }), {
      minKeys: 1,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(element, { minLength: 1 }), fc.integer({ min: 1, max: 50 }), async (elements, size) => {
        const { headers, records } = await readAll(memorySource(text(elements), size));
        const read = records.map(({ cells }) => Object.fromEntries(cells.map((cell, index) => [headers[index], cell])));
        expect(read).toMatchObject(elements.map((given) => ({ ...given })));
        expect(records.map(({ rowNumber }) => rowNumber)).toEqual(elements.map((_, index) => index + 1));
      }),
      { numRuns: 200 },
    );
  });
});

test.each([
  ['json', '[', ',\n', ']'],
  ['ndjson', '', '\n', ''],
])(
  'GIVEN %s whose first letter is Windows-1252 and far behind WHEN read THEN it is read as such',
  async (format, ...marks) => {
    const [before, between, after] = marks;
    const text = before + [...new Array<string>(30_000).fill('{"a":"x"}'), '{"a":"Jo\xe3o"}'].join(between) + after;
    const sheet = await readAll(Buffer.from(text, 'latin1'));
    expect(sheet).toMatchObject({ format, encoding: 'windows-1252' });
    expect(sheet.records.at(-1)?.cells).toEqual(['João']);
  },
);

describe('broken JSON', () => {
  test.each([
    ['an element that is none', '[{"a":1},\n{"a":},\n{"a":3}]', 2, 2],
    ['a comma too many at the end', '[{"a":1},\n]', 2, 2],
    ['two commas', '[{"a":1},\n\n,{"a":2}]', 3, 2],
    ['no end', '[{"a":1},\n{"a":2}\n', 3, 2],
    ['an element without end', '[{"a":1},\n{"a":[2,', 2, 2],
    ['something after the end', '[{"a":1}]\n\n{"a":2}', 3, 2],
    ['the wrong bracket at the end', '[{"a":1}\n}', 2, 1],
    ['brackets that cross', '[{"a":1},\n{"a":[1}]]', 2, 2],
    ['a line that is none', '{"a":1}\n\n{"a":2\n{"a":3}', 3, 2],
    ['a first line that is none', '{"a":1\n{"a":3}', 1, 1],
  ])('%s', async (_, text, line, rowNumber) => {
    expect(await sheetErrorOf(readAll(text))).toMatchObject({ code: 'broken_json', line, rowNumber });
  });

  test('a key with half of a character in it', async () => {
    const error = await sheetErrorOf(readAll('[{"a":1},{"a":2,"b\\ud800":3}]'));
    expect(error).toMatchObject({ code: 'broken_json', rowNumber: 2 });
    expect(error.message).toContain('"b\\ud800"');
  });

  test('one object over several lines is told apart from NDJSON', async () => {
    const error = await sheetErrorOf(readAll(JSON.stringify({ rows: [{ a: 1 }] }, null, 2)));
    expect(error).toMatchObject({ code: 'single_object', line: 1 });
  });
});
