import type { z } from 'zod';

/** Why a cell was not accepted; documented for callers in docs/errors.md. */
export const cellErrorCodes = [
  'required',
  'too_short',
  'too_long',
  'bad_character',
  'formula_failed',
  'not_one_of',
  'not_a_number',
  'not_a_whole_number',
  'out_of_range',
  'bad_phone',
  'bad_email',
  'bad_domain',
  'bad_address',
  'bad_date',
  'bad_id',
  'too_many',
  'invalid_value',
] as const;
export type CellErrorCode = (typeof cellErrorCodes)[number];

/** What is wrong with a cell. `value` is the part of it that is meant, where it is not the whole. */
export interface CellError {
  readonly code: CellErrorCode;
  readonly message: string;
  readonly value?: string;
}

/** The issue by which a cell's schema carries the error to whoever reads the row. */
export function issueOf(error: CellError): z.core.$ZodRawIssue {
  return { code: 'custom', message: error.message, input: error.value, params: error };
}

/** The error that an issue carries; issues of schemas that are not made here keep their message. */
export function cellErrorOf(issue: z.core.$ZodIssue): CellError {
  if (issue.code === 'custom' && issue.params) return issue.params as unknown as CellError;
  return { code: 'invalid_value', message: issue.message };
}
