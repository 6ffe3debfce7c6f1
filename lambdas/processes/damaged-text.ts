import type { CellError } from './cell-errors.ts';

/** What spreadsheets show, and save, in the place of the result of a formula that failed. */
const formulaErrors = new Set([
  '#N/A',
  '#REF!',
  '#VALUE!',
  '#DIV/0!',
  '#NAME?',
  '#NUM!',
  '#NULL!',
  '#SPILL!',
  '#CALC!',
]);

/**
 * What is wrong with a text that is not what somebody meant but what a program left in its place, if it is one: no column
 * accepts it, whatever its kind.
 */
export function damageOf(text: string, expected: string): CellError | undefined {
  if (formulaErrors.has(text)) {
    return {
      code: 'formula_failed',
      message: `The formula in this cell failed (${text}). Correct it, or replace it by ${expected}.`,
    };
  }
  if (!text.includes('\ufffd') && text.isWellFormed()) return undefined;
  return {
    code: 'bad_character',
    message: 'A character of the value was lost when the text was saved (\ufffd stands for it). Type the value again.',
  };
}
