import type { Transitions } from './transition.ts';

/** The status of a row in the tracking table. */
export const rowStatuses = ['pending', 'success', 'failed'] as const;
export type RowStatus = (typeof rowStatuses)[number];

/** `failed` goes back to `pending` when the row is revived or retried; `success` is final. */
export const rowTransitions: Transitions<RowStatus> = {
  pending: ['success', 'failed'],
  failed: ['pending'],
  success: [],
};

/** What an input row has answered; the value of the report's `#status#` column. */
export const rowAnswers = [
  'created',
  'updated',
  'deleted',
  'known',
  'duplicate',
  'invalid',
  'failed',
  'unprocessed',
  'cancelled',
] as const;
export type RowAnswer = (typeof rowAnswers)[number];

/** Why a row, or one cell of it, was not accepted. `code` is stable; `message` is for people. */
export interface RowError {
  readonly code: string;
  /** What is wrong, what was expected and what to do. */
  readonly message: string;
  /** The column's name as the process defines it; absent when the whole row is meant. */
  readonly column?: string;
  /** The offending value, cut to 200 characters. */
  readonly value?: string;
}

/** Why a row has had no turn. */
export const rowLeft = {
  unprocessed: {
    code: 'unprocessed',
    message: 'The action ended before this row had its turn. Upload the row again, or retry the action.',
  },
  cancelled: {
    code: 'cancelled',
    message: 'The action was cancelled before this row had its turn. Upload the row again, or retry the action.',
  },
} as const satisfies Record<string, RowError>;

/** The row's normalized values by column name, as the process schema gave them. */
export type RowData = Readonly<Record<string, unknown>>;
