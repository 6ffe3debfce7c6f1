/**
 * Why a sheet can't be read, or not be read on.
 *
 * | code | meaning |
 * |---|---|
 * | `empty_sheet` | no bytes, or nothing but white space; an XLSX sheet without any value |
 * | `no_rows` | a header and nothing below it; an empty JSON array |
 * | `unsupported_format` | recognized as something else: old .xls, .xlsb, .ods, PDF, image, web page, other zip, binary data |
 * | `encrypted_sheet` | protected by a password |
 * | `unsupported_encoding` | UTF-32 |
 * | `invalid_text` | bytes that are no text in the encoding of the file |
 * | `duplicate_header` | two columns with one name |
 * | `empty_header` | values in a column without a name |
 * | `too_many_columns`, `too_many_rows`, `header_too_large` | beyond the limits |
 * | `record_too_large` | a record of more than 1 MiB |
 * | `unclosed_quote` | CSV: a quote is opened and never closed |
 * | `broken_json` | not JSON |
 * | `single_object` | one JSON object over several lines, where an array or one object a line was expected |
 * | `broken_xlsx` | the zip or its XML is damaged, ambiguous or not as the format wants it |
 * | `too_many_entries`, `too_large_uncompressed`, `implausible_compression` | XLSX that would cost too much to unpack |
 * | `unknown_sheet` | no sheet with the name asked for, or no visible sheet at all |
 */
export type SheetErrorCode =
  | 'empty_sheet'
  | 'no_rows'
  | 'unsupported_format'
  | 'encrypted_sheet'
  | 'unsupported_encoding'
  | 'invalid_text'
  | 'duplicate_header'
  | 'empty_header'
  | 'too_many_columns'
  | 'too_many_rows'
  | 'header_too_large'
  | 'record_too_large'
  | 'unclosed_quote'
  | 'broken_json'
  | 'single_object'
  | 'broken_xlsx'
  | 'too_many_entries'
  | 'too_large_uncompressed'
  | 'implausible_compression'
  | 'unknown_sheet';

/**
 * Why one record isn't usable while the others are.
 *
 * | code | meaning |
 * |---|---|
 * | `too_few_cells`, `too_many_cells` | the record doesn't fit the header; its cells are kept as they were |
 * | `cell_too_large` | a cell beyond the limit |
 * | `misplaced_quote` | CSV: a quote opened on one line and closed inside text on another: rows may have run together |
 * | `not_an_object` | JSON: an element that is no object |
 * | `too_deep` | JSON: values nested in more than 32 levels |
 * | `formula_not_calculated` | XLSX: a formula without a stored value |
 */
export type RecordProblemCode =
  | 'too_few_cells'
  | 'too_many_cells'
  | 'cell_too_large'
  | 'misplaced_quote'
  | 'not_an_object'
  | 'too_deep'
  | 'formula_not_calculated';

/** The sheet can't be read (on). Thrown by openSheet or while its batches are read. The message is for the person who made the sheet. */
export class SheetError extends Error {
  readonly code: SheetErrorCode;
  /** 1-based line of the file where it was noticed. */
  readonly line?: number;
  /** Row as a person sees it in a spreadsheet; for JSON the ordinal of the element. */
  readonly rowNumber?: number;

  constructor(
    code: SheetErrorCode,
    message: string,
    where: { line?: number; rowNumber?: number; cause?: unknown } = {},
  ) {
    super(message, 'cause' in where ? { cause: where.cause } : undefined);
    this.name = 'SheetError';
    this.code = code;
    if (where.line !== undefined) this.line = where.line;
    if (where.rowNumber !== undefined) this.rowNumber = where.rowNumber;
  }
}
