import type { SheetErrorCode } from '../lambdas/sheets/sheet-error.ts';
import type { BulkActionView } from './api-types.ts';

/** The problems of an action for which no row was ever looked at: the sheet itself has to be changed. */
const unusableSheet: Readonly<Record<SheetErrorCode | StagingCode, true>> = {
  ambiguous_columns: true,
  broken_json: true,
  broken_xlsx: true,
  duplicate_header: true,
  empty_header: true,
  empty_sheet: true,
  encrypted_sheet: true,
  header_too_large: true,
  implausible_compression: true,
  invalid_text: true,
  missing_columns: true,
  no_rows: true,
  record_too_large: true,
  single_object: true,
  too_large_uncompressed: true,
  too_many_columns: true,
  too_many_entries: true,
  too_many_rows: true,
  unclosed_quote: true,
  unknown_headers: true,
  unknown_sheet: true,
  unsupported_encoding: true,
  unsupported_format: true,
};
type StagingCode = 'ambiguous_columns' | 'missing_columns' | 'unknown_headers';

/** True for an action that failed because its sheet is no sheet of its process, as opposed to one with bad rows. */
export function isUnusableSheet({ status, problem }: BulkActionView): boolean {
  return status === 'failed' && problem !== undefined && problem.code in unusableSheet;
}
