import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonMembers } from '../../lambdas/sheets/json-members.ts';
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
    expect(without('price')).toEqual(['{"id": 12345678901234567890}', '{"a":[ 1 ], "b":null}', '{}']);
    expect(without('id')[0]).toBe('{"price": 1.50}');
  });

  test('what is no object is a problem of its record', async () => {
    const { records } = await readAll(text([{ a: 1 }, 5, 'x', null, [1], { a: 2 }]));
    expect(records.map(({ problem }) => problem?.code)).toEqual([
      undefined,
      ...new Array(4).fill('not_an_object'),
      undefined,
    ]);
    expect(records.slice(1, 3).map(({ problem }) => problem)).toEqual([
      { code: 'not_an_object', message: expect.stringMatching(/this one is 5$/), value: '5' },
      { code: 'not_an_object', message: expect.stringMatching(/this one is "x"$/), value: '"x"' },
    ]);
    expect(records[5]).toMatchObject({ rowNumber: 6, cells: ['2'] });
  });

  test('numbers with more digits than a number holds keep them', async () => {
    const raw =
      '{"id": 12345678901234567890, "phone": "0012345678901234567", "small": 1.50, "exact": -12345678901234567.10}';
    const { records } = await readAll(format === 'json' ? `[${raw}]` : raw);
    expect(records[0]?.cells).toEqual(['12345678901234567890', '0012345678901234567', '1.5', '-12345678901234567.10']);
  });

  test.each([
    '123456789012.34567890',
    '1234567890123456789e0',
    '1e400',
    '-1e-400',
    '1.234567e-320',
    '1000000000000000000000',
  ])('the number %s would be another one, and stays as it is written', async (number) => {
    const raw = `{"alone": ${number}, "listed": [${number}]}`;
    const { records } = await readAll(format === 'json' ? `[${raw}]` : raw);
    expect(records[0]?.cells).toEqual([number, number]);
  });

  test.each([
    ['1.50', '1.5'],
    ['1e3', '1000'],
    ['-0', '0'],
    ['100e100', '1e+102'],
    ['0e999', '0'],
    ['5e-324', '5e-324'],
  ])('the number %s is the same however it is written, and becomes %s', async (number, cell) => {
    const raw = `{"a": ${number}}`;
    expect((await readAll(format === 'json' ? `[${raw}]` : raw)).records[0]?.cells).toEqual([cell]);
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
    const deepest = deep(100_000, '1234567890123456');
    const elements = [deep(31, '1'), `{"b":"x, \\"{",${deep(32, '1').slice(1)}`, deepest, '{"a":3}'];
    const { headers, records } = await readAll(format === 'json' ? `[${elements.join(',')}]` : elements.join('\n'));
    expect(records.map(({ problem }) => problem?.code)).toEqual([undefined, 'too_deep', 'too_deep', undefined]);
    // Neither the report nor failed.csv may lose what is to be corrected.
    expect(records.map(({ element }) => element)).toEqual(elements);
    expect(headers).toEqual(['a', 'b']);
    expect(records[1]?.cells).toEqual([deep(32, '1').slice(5, -1), 'x, "{']);
    expect(records[2]?.cells[0]).toBe(deepest.slice(5, -1));
    expect(withoutKeys(deepest, (key) => key === 'b')).toBe(deepest);
    expect(withoutKeys(elements[1] as string, (key) => key === 'a')).toBe('{"b":"x, \\"{"}');
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

test('the members of any object are those that it is parsed to, cut apart as they are written', () => {
  const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: true });
  fc.assert(
    fc.property(object, fc.constantFrom(0, 2), (given, indent) => {
      const text = JSON.stringify(given, null, indent);
      const members = jsonMembers(text);
      expect(members.map(({ key, value }) => [key, JSON.parse(value)])).toEqual(Object.entries(JSON.parse(text)));
      expect(JSON.parse(`{${members.map((member) => member.text).join(',')}}`)).toEqual(JSON.parse(text));
    }),
  );
});
