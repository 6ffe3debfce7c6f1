import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { cellFacts, optional } from '../../lambdas/processes/cell.ts';
import { cellErrorOf } from '../../lambdas/processes/cell-errors.ts';
import {
  activeOrInactive,
  code,
  codes,
  decimal,
  listOf,
  oneOf,
  phone,
  text,
  wholeNumber,
} from '../../lambdas/processes/columns.ts';
import { email, webAddress } from '../../lambdas/processes/contact-columns.ts';

/** The value that the cell gives, or the codes of its errors. */
function read(schema: z.ZodType, given: string): unknown {
  const parsed = schema.safeParse(given);
  return parsed.success ? parsed.data : { codes: parsed.error.issues.map((issue) => cellErrorOf(issue).code) };
}

function failing(...errorCodes: string[]) {
  return { codes: errorCodes };
}

describe('text', () => {
  test.each([
    ['  Alua  ', 'Alua'],
    ['Cafe\u0301', 'Caf\u00e9'],
    ['=1+1', '=1+1'],
    ['two\nlines', 'two\nlines'],
  ])('GIVEN %j WHEN read THEN %j', (given, value) => expect(read(text(2, 20), given)).toBe(value));

  test.each([
    ['', 'required'],
    ['   \t', 'required'],
    ['\u200b \u00ad', 'required'],
    ['x', 'too_short'],
    ['x'.repeat(21), 'too_long'],
    ['a\u0000b', 'bad_character'],
    ['a\ud800b', 'bad_character'],
    ['a\ufffdb', 'bad_character'],
  ])('GIVEN %j WHEN read THEN %s', (given, code) => expect(read(text(2, 20), given)).toEqual(failing(code)));

  test('GIVEN a text whose NFC form fits WHEN read THEN its length is that of the NFC form', () => {
    expect(read(text(1, 1), 'e\u0301')).toBe('\u00e9');
  });
});

describe('what a program left in the place of a value', () => {
  const columns: [string, z.ZodType][] = [
    ['text', text(1, 20)],
    ['optional text', optional(text(1, 20))],
    ['a choice', oneOf(['Warehouse'])],
    ['a number', wholeNumber({ min: 0, max: 10 })],
    ['codes', codes()],
    ['e-mail', email()],
    ['a web address', webAddress()],
  ];

  describe.each(columns)('GIVEN a column of %s', (_, schema) => {
    test.each(['#N/A', ' #REF! ', '#VALUE!', '#DIV/0!', '#NAME?', '#NUM!', '#NULL!', '#SPILL!', '#CALC!'])(
      'WHEN %j is read THEN the formula failed',
      (given) => expect(read(schema, given)).toEqual(failing('formula_failed')),
    );

    test.each(['h\ufffd@example.org', 'h\ud83d@example.org'])('WHEN %j is read THEN a character was lost', (given) => {
      const [issue] = schema.safeParse(given).error?.issues ?? [];
      expect(issue && cellErrorOf(issue)).toMatchObject({
        code: 'bad_character',
        message: expect.stringContaining('was lost'),
      });
    });
  });

  test.each(['#1', '# N/A', '#N/A?', 'see #REF!', '#n/a', '#'])('GIVEN %j WHEN read THEN it is text', (given) =>
    expect(read(text(1, 20), given)).toBe(given),
  );
});

describe('oneOf', () => {
  const type = oneOf(['Warehouse', 'Health Facility']);

  test.each([
    ['warehouse', 'Warehouse'],
    [' HEALTH FACILITY ', 'Health Facility'],
  ])('GIVEN %j WHEN read THEN the choice as the list has it', (given, value) => expect(read(type, given)).toBe(value));

  test('GIVEN another value WHEN read THEN the message names it and all choices', () => {
    const issue = type.safeParse('Wharehouse').error?.issues[0];
    expect(issue?.message).toMatch(/"Wharehouse".*Warehouse, Health Facility/);
    expect(read(type, 'Wharehouse')).toEqual(failing('not_one_of'));
  });
});

describe('wholeNumber', () => {
  const capacity = wholeNumber({ min: 0, max: 1_000 });

  test.each([
    ['0', 0],
    ['-0', 0],
    ['+7', 7],
    ['007', 7],
    ['12.0', 12],
    ['12.000', 12],
    ['1000', 1_000],
  ])('GIVEN %j WHEN read THEN %d', (given, value) => expect(read(capacity, given)).toBe(value));

  test.each(['1,000', '1 000', '1e3', '12.5', 'twelve', '0x10', '1_000', '12.', 'Infinity', 'NaN', '١٢'])(
    'GIVEN %j WHEN read THEN it is no whole number',
    (given) => expect(read(capacity, given)).toEqual(failing('not_a_whole_number')),
  );

  test.each(['-1', '1001', '9'.repeat(400)])('GIVEN %j WHEN read THEN it is out of range', (given) =>
    expect(read(capacity, given)).toEqual(failing('out_of_range')),
  );
});

describe('decimal', () => {
  const latitude = decimal({ min: -90, max: 90 });

  test.each([
    ['-13.7164', -13.7164],
    ['.5', 0.5],
    ['5.', 5],
    ['1.5E-5', 0.000015],
  ])('GIVEN %j WHEN read THEN %d', (given, value) => expect(read(latitude, given)).toBe(value));

  test.each([
    ['13,7', 'not_a_number'],
    ["13°42'", 'not_a_number'],
    ['NaN', 'not_a_number'],
    ['.', 'not_a_number'],
    ['90.0001', 'out_of_range'],
    ['1e9', 'out_of_range'],
  ])('GIVEN %j WHEN read THEN %s', (given, code) => expect(read(latitude, given)).toEqual(failing(code)));
});

test.each([
  [wholeNumber({ min: 0, max: 1_000 }), '99999999999999999999999'],
  [wholeNumber({ min: 0, max: 1_000 }), '-007'],
  [decimal({ min: -90, max: 90 }), '1e999'],
  [decimal({ min: -90, max: 90 }), '90.10'],
])('GIVEN a number out of range (case %#) WHEN read THEN the cell is told as it stood', (schema, given) => {
  const [issue] = schema.safeParse(given).error?.issues ?? [];
  expect(issue && cellErrorOf(issue)).toMatchObject({
    code: 'out_of_range',
    value: given,
    message: expect.stringContaining(`"${given}"`),
  });
});

describe('phone', () => {
  test.each([
    ['0841234567', '0841234567'],
    ["'0841234567", '0841234567'],
    [' 0000000000 ', '0000000000'],
  ])('GIVEN %j WHEN read THEN the text %j', (given, value) => expect(read(phone(10), given)).toBe(value));

  test.each(['841234567', '08412345678', '+258841234567', '084 123 4567', '8.41E+08', '0841234567.0', "''0841234567"])(
    'GIVEN %j WHEN read THEN it is no phone number',
    (given) => expect(read(phone(10), given)).toEqual(failing('bad_phone')),
  );
});

describe('code', () => {
  test.each([
    [' NPL-ERT ', 'NPL-ERT'],
    ['a b', 'a b'],
    ['x'.repeat(64), 'x'.repeat(64)],
  ])('GIVEN %j WHEN read THEN %j', (given, value) => expect(read(code(), given)).toBe(value));

  test.each([
    ['', 'required'],
    ['A,B', 'bad_character'],
    ['A;B', 'bad_character'],
    ['A/B', 'bad_character'],
    ['x'.repeat(65), 'too_long'],
  ])('GIVEN %j WHEN read THEN it is refused as %s', (given, error) =>
    expect(read(code(), given)).toEqual(failing(error)),
  );
});

describe('codes', () => {
  test.each([
    ['A', ['A']],
    ['B, A;B ; C,', ['B', 'A', 'C']],
    ['007', ['007']],
    ['A,\u200b,B', ['A', 'B']],
  ])('GIVEN %j WHEN read THEN each code once, in order', (given, value) => expect(read(codes(), given)).toEqual(value));

  test('GIVEN nothing but separators WHEN read THEN a code is required', () => {
    expect(read(codes(), ' , ;')).toEqual(failing('required'));
  });

  test('GIVEN two bad codes among good ones WHEN read THEN both are reported, each with its own value', () => {
    const long = 'x'.repeat(65);
    const errors = codes().safeParse(`A,${long};B,a\u0001b`).error?.issues.map(cellErrorOf);
    expect(errors).toMatchObject([
      { code: 'too_long', value: long },
      { code: 'bad_character', value: 'a\u0001b' },
    ]);
  });

  test('GIVEN more codes than one cell may hold WHEN read THEN it is refused', () => {
    const many = Array.from({ length: 1_001 }, (_, i) => i).join(',');
    expect(read(codes(), many)).toEqual(failing('too_many'));
  });
});

describe('listOf', () => {
  const roles = listOf(oneOf(['ONE', 'TWO', 'THREE']), { min: 1, max: 2 });

  test('GIVEN one value in two spellings WHEN read THEN it counts once', () => {
    expect(read(roles, 'one; ONE, two')).toEqual(['ONE', 'TWO']);
  });

  test('GIVEN too many values WHEN read THEN too_many', () => {
    expect(read(roles, 'one,two,three')).toEqual(failing('too_many'));
  });

  test('GIVEN two unknown values WHEN read THEN both are reported', () => {
    expect(read(roles, 'one,four,five')).toEqual(failing('not_one_of', 'not_one_of'));
  });

  test('GIVEN a list WHEN described THEN it has the choices of its values', () => {
    expect(cellFacts(roles)).toMatchObject({ list: true, choices: ['ONE', 'TWO', 'THREE'], required: true });
  });
});

describe('optional', () => {
  const target = optional(wholeNumber({ min: 0, max: 10 }));

  test.each(['', '  '])('GIVEN %j WHEN read THEN the value is absent', (given) =>
    expect(read(target, given)).toBeUndefined(),
  );

  test('GIVEN a value WHEN read THEN it is checked all the same', () => {
    expect(read(target, '7')).toBe(7);
    expect(read(target, '11')).toEqual(failing('out_of_range'));
    expect(cellFacts(target)).toMatchObject({ required: false, expected: 'a whole number from 0 to 10' });
  });
});

test('GIVEN usage in any case WHEN read THEN Active or Inactive', () => {
  expect(read(activeOrInactive(), 'INACTIVE')).toBe('Inactive');
  expect(read(activeOrInactive(), 'retired')).toEqual(failing('not_one_of'));
});
