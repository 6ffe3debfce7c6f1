import { shortened } from '../model/cut-text.ts';
import type { ReadCell } from './cell.ts';
import type { CellError, CellErrorCode } from './cell-errors.ts';

/** What kinds of cells share: text that can be kept, and what is said of a value that was not accepted. */

/** The text as it is kept, in Unicode NFC, if it has `min` to `max` characters (UTF-16 units). */
export function readText(given: string, min: number, max: number, expected: string): ReturnType<ReadCell<string>> {
  if (!isPrintable(given)) {
    return failure(
      'bad_character',
      `The value holds characters that can't be shown. Remove them; use ${expected}.`,
      given,
    );
  }
  const value = given.normalize('NFC');
  if (value.length < min) {
    return failure('too_short', `${quoted(value)} is too short. Use ${expected}.`, given);
  }
  if (value.length > max) {
    return failure('too_long', `The value has ${value.length} characters. Shorten it to ${expected}.`, given);
  }
  return { value };
}

/** The one thing that is wrong with a cell. */
export function failure(code: CellErrorCode, message: string, value?: string): { errors: CellError[] } {
  return { errors: [{ code, message, ...(value !== undefined && { value }) }] };
}

/** The value as it stands in a message: short enough to read. */
export function quoted(value: string): string {
  return `"${shortened(value, 60)}"`;
}

/** No control characters but tab and line ends: stores and sheets can't keep them. */
function isPrintable(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value);
}
