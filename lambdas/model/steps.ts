import { z } from 'zod';
import { countsSchema } from './action.ts';

/**
 * What the states of `bulk-action` hand each other: references and counts, never rows, so that the largest action's
 * state (400 chunks, more where rows are wide) stays under 256 KB.
 */
export const executionInputSchema = z.object({
  accountId: z.string(),
  actionId: z.string(),
  /** 0 for the first run, one more for each retry. */
  run: z.number().int().min(0),
});
export type ExecutionInput = z.infer<typeof executionInputSchema>;

/** claim-reference. `busy`: another action of the reference and process runs; come again. */
export interface ClaimResult {
  readonly outcome: 'claimed' | 'busy' | 'ended';
  /** True for a run that takes up an ended action's failed rows again: its sheet is staged already. */
  readonly retry: boolean;
  /** The chunks of a retry; empty in a first run, where staging makes them. */
  readonly chunks: readonly string[];
  readonly waitSeconds: number;
}

/**
 * stage-sheet. `over_quota`: the account has no room for all rows yet. `rejected`: rows were read but none may be created.
 * `unusable`: no rows could be read.
 */
export interface StageResult {
  readonly outcome: 'staged' | 'over_quota' | 'rejected' | 'unusable';
  readonly chunks: readonly string[];
}

/** take-quota. `never`: the action's deadline comes first. */
export interface QuotaResult {
  readonly outcome: 'taken' | 'wait' | 'never' | 'ended';
  readonly waitSeconds: number;
}

export const identifyInputSchema = executionInputSchema.extend({ chunk: z.string() });
export type IdentifyInput = z.infer<typeof identifyInputSchema>;
/** identify-chunk: how many of its rows are now pending in this action, and how many others knew. */
export const identifyResultSchema = z.object({
  chunk: z.string(),
  pending: z.number().int().min(0),
  known: z.number().int().min(0),
  /** Where a retry takes up some rows only: what the pending ones had answered before. */
  reopened: z
    .object({
      failed: z.number().int().min(0),
      unprocessed: z.number().int().min(0),
      cancelled: z.number().int().min(0),
    })
    .optional(),
});
export type IdentifyResult = z.infer<typeof identifyResultSchema>;

export const reviveInputSchema = executionInputSchema.extend({ identified: z.array(identifyResultSchema) });
export type ReviveInput = z.infer<typeof reviveInputSchema>;

export interface DispatchedChunk {
  readonly chunk: string;
  readonly firstBatch: number;
}

/** revive-rows: the plan of the dispatch, and the chunks to settle (the sheet's and the revived ones). */
export interface RevivePlan {
  /** What is dispatched first; all there is, but where rows wait for their parents. */
  readonly dispatch: readonly DispatchedChunk[];
  /** How many of `levels` are dispatched. */
  readonly level: number;
  /** What is dispatched afterwards: each when all before it has answered. */
  readonly levels: readonly (readonly DispatchedChunk[])[];
  readonly totalBatches: number;
  readonly settle: readonly string[];
}

export const dispatchInputSchema = executionInputSchema.extend({
  chunk: z.string(),
  /** Number of the chunk's first batch, counted from 1 over the whole action. */
  firstBatch: z.number().int().positive(),
  totalBatches: z.number().int().positive(),
});
export type DispatchInput = z.infer<typeof dispatchInputSchema>;

export const measureInputSchema = executionInputSchema.extend({
  /** How many levels are dispatched beyond the first. */
  level: z.number().int().min(0).default(0),
});
export type MeasureInput = z.infer<typeof measureInputSchema>;

/**
 * measure-progress: wait on, dispatch the next level, or settle: all batches have answered, nothing moves any more, or
 * time is up.
 */
export interface ProgressResult {
  readonly outcome: 'wait' | 'next_level' | 'settle' | 'stalled';
  readonly waitSeconds: number;
}

/**
 * `count`: what is pending stays pending. `final`: what is pending fails as `unprocessed`.
 * `rejected`: the sheet was rejected, no row of it was ever identified.
 */
export const settleModes = ['count', 'final', 'rejected'] as const;
export type SettleMode = (typeof settleModes)[number];

export const settleInputSchema = executionInputSchema.extend({ chunk: z.string(), mode: z.enum(settleModes) });
export type SettleInput = z.infer<typeof settleInputSchema>;
/** settle-chunk: the chunk's rows by answer, from the tracking table. */
export const settleResultSchema = z.object({ chunk: z.string(), counts: countsSchema.partial() });
export type SettleResult = z.infer<typeof settleResultSchema>;

export const checkInputSchema = executionInputSchema.extend({ settled: z.array(settleResultSchema) });
export type CheckInput = z.infer<typeof checkInputSchema>;
/** check-action: `wait` when rows are still pending and moving. */
export interface CheckResult {
  readonly outcome: 'wait' | 'stalled' | 'settled';
  readonly waitSeconds: number;
}

/**
 * `run`: the reference was mapped just now. `later`: another action will map it. `broken`: the run did not come to its
 * end.
 */
export const noteMappingInputSchema = executionInputSchema.extend({ outcome: z.enum(['run', 'later', 'broken']) });
export type NoteMappingInput = z.infer<typeof noteMappingInputSchema>;

/** The error's name where nothing was thrown, but the run's execution was stopped from outside. */
export const executionStopped = 'ExecutionStopped';
/** The error's name where nothing went wrong, but somebody cancelled the action. */
export const actionCancelled = 'ActionCancelled';

/** Step Functions' own description of what a state threw; `abandon` ends the action with what is known. */
export const failInputSchema = executionInputSchema.extend({
  error: z.object({ Error: z.string(), Cause: z.string().optional() }),
  abandon: z.boolean().default(false),
});
export type FailInput = z.infer<typeof failInputSchema>;
/** fail-action: the chunks that can still be settled, and how long something of a cancelled action may still be under way. */
export interface FailResult {
  readonly settle: readonly string[];
  readonly waitSeconds: number;
}
