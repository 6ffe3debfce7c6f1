import type { z } from 'zod';
import { cell, cellFacts, cellReader, type ReadCell, readSound } from './cell.ts';
import type { CellError } from './cell-errors.ts';
import { looksEmpty } from './invisible.ts';
import { failure, quoted, readText } from './read-text.ts';

/** The kinds of cells that columns are made of. Each takes text and says, when it can't, what it expected. */

/** Characters of a code, e.g. of a boundary. */
const codeCharacters = 64;
/** Values in one cell at most. */
const listItems = 1_000;

/** Text of `min` to `max` characters (UTF-16 units), in Unicode NFC. */
export function text(min: number, max: number): z.ZodType<string> {
  const expected = `text of ${min} to ${max} characters`;
  return cell({ expected, textual: true }, (given) => readText(given, min, max, expected));
}

/** One of `choices`, written in any case; the value is the choice as it stands in the list. */
export function oneOf<const Choices extends readonly string[]>(choices: Choices): z.ZodType<Choices[number]> {
  const byLowerCase = new Map<string, Choices[number]>(choices.map((choice) => [choice.toLowerCase(), choice]));
  const expected = choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(', ')}`;
  return cell({ expected, choices }, (given) => {
    const choice = byLowerCase.get(given.toLowerCase());
    if (choice !== undefined) return { value: choice };
    return failure('not_one_of', `${quoted(given)} is not among the possible values. Use ${expected}.`, given);
  });
}

/** A whole number. `12.0` is one, as spreadsheets write it; `1,000`, `1e3` and `12.5` are not. */
export function wholeNumber({ min, max }: { min: number; max: number }): z.ZodType<number> {
  const expected = `a whole number from ${plain(min)} to ${plain(max)}`;
  return cell({ expected }, (given) => {
    if (!/^[+-]?\d+(\.0+)?$/.test(given)) {
      const advice = 'Use digits only, without separators, units or decimals.';
      return failure('not_a_whole_number', `${quoted(given)} is not ${expected}. ${advice}`, given);
    }
    return inRange(given, min, max, expected);
  });
}

/** A number with or without decimals. The decimal sign is the point. */
export function decimal({ min, max }: { min: number; max: number }): z.ZodType<number> {
  const expected = `a number from ${plain(min)} to ${plain(max)}`;
  return cell({ expected }, (given) => {
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(given)) {
      const advice = 'Use digits and a decimal point, without separators or units.';
      return failure('not_a_number', `${quoted(given)} is not ${expected}. ${advice}`, given);
    }
    return inRange(given, min, max, expected);
  });
}

/** A phone number of exactly `digits` digits, as text: leading zeros stay, and the `'` that marks text goes. */
export function phone(digits: number): z.ZodType<string> {
  const expected = `exactly ${digits} digits`;
  const pattern = new RegExp(`^\\d{${digits}}$`);
  return cell({ expected, textual: true }, (given) => {
    const number = given.replace(/^'\s*/, '');
    if (pattern.test(number)) return { value: number };
    const advice = 'Format the column as text, so that leading zeros stay, and leave out spaces and country codes.';
    return failure('bad_phone', `${quoted(given)} is not a phone number of ${expected}. ${advice}`, given);
  });
}

/** One code. None of the characters that separate codes in a list or parts of an address may be in it. */
export function code(): z.ZodType<string> {
  const expected = `a code of 1 to ${codeCharacters} characters without , ; or /`;
  return cell({ expected, textual: true }, (given) => {
    if (!/[,;/]/.test(given)) return readText(given, 1, codeCharacters, expected);
    return failure('bad_character', `${quoted(given)} is not ${expected}.`, given);
  });
}

/** One or more codes, separated by `,` or `;`, each once, in the order given. */
export function codes(): z.ZodType<string[]> {
  const expected = `one or more codes of 1 to ${codeCharacters} characters, separated by , or ;`;
  const readCode: ReadCell<string> = (given) =>
    readText(given, 1, codeCharacters, `a code of 1 to ${codeCharacters} characters`);
  return cell({ expected, list: true, textual: true }, (given) =>
    readList(given, readCode, { min: 1, max: listItems }, expected),
  );
}

/** `min` to `max` values of `item`, separated by `,` or `;`, each once, in the order given. */
export function listOf<Value>(item: z.ZodType<Value>, { min, max }: { min: number; max: number }): z.ZodType<Value[]> {
  const { expected: each, choices } = cellFacts(item);
  const expected = `${min} to ${max} values, separated by , or ;, each ${each}`;
  const about = { expected, list: true, ...(choices && { choices }) };
  return cell(about, (given) => readList(given, cellReader(item), { min, max }, expected));
}

/** Whether a row is in use. */
export function activeOrInactive(): z.ZodType<'Active' | 'Inactive'> {
  return oneOf(['Active', 'Inactive']);
}

/** Reads each item; all errors of all items are kept, each with the item that is meant. */
function readList<Value>(
  given: string,
  read: ReadCell<Value>,
  { min, max }: { min: number; max: number },
  expected: string,
): ReturnType<ReadCell<Value[]>> {
  const values = new Set<Value>();
  const errors: CellError[] = [];
  for (const part of given.split(/[,;]/)) {
    const item = part.trim();
    if (looksEmpty(item)) continue;
    const outcome = readSound(item, expected, read);
    if ('value' in outcome) values.add(outcome.value);
    else errors.push(...outcome.errors.map((error) => ({ value: item, ...error })));
  }
  if (errors.length > 0) return { errors };
  if (values.size < min) return failure('required', `The cell holds ${values.size} values. Use ${expected}.`);
  if (values.size > max) return failure('too_many', `The cell holds ${values.size} values. Use ${expected}.`);
  return { value: [...values] };
}

function inRange(given: string, min: number, max: number, expected: string): ReturnType<ReadCell<number>> {
  const value = Number(given);
  if (value >= min && value <= max) return { value: value === 0 ? 0 : value };
  return failure('out_of_range', `${quoted(given)} is out of range. Use ${expected}.`, given);
}

/** A number as people write it, e.g. 100,000,000. The locale's own way costs each cold start 25 ms: it loads ICU's data. */
function plain(value: number): string {
  const [whole = '', ...fraction] = String(value).split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.');
}
