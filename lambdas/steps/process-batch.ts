import type { EntityTarget } from '../entities/entity-target.ts';
import { type BatchMessage, type BatchRow, batchRowsSchema, type IdentifiedRow } from '../model/batch-message.ts';
import type { MeasuredBatch } from '../model/batch-times.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { rowScopeOf } from '../model/row-scope.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import type { RowScope, TrackingTable } from '../store/tracking-table.ts';
import { applyRows } from './apply-rows.ts';
import { answeredOf, delayOf, settleRows, sortOutcomes } from './batch-verdict.ts';
import { ActionOverError, BatchWatch } from './batch-watch.ts';
import { withEntityIds } from './with-entity-ids.ts';

export interface BatchStores {
  readonly actions: ActionStore;
  readonly tracking: TrackingTable;
  readonly bucket: SheetBucket;
}

export interface BatchContext {
  readonly process: ProcessDefinition;
  readonly target: EntityTarget;
  /** How often this message has been delivered, now included. */
  readonly receiveCount: number;
  /** After this many deliveries a row that is still not through fails with its reason. */
  readonly deliveries: number;
  /** When the message was first put into the queue, milliseconds since 1970; absent: unknown. */
  readonly sentAt?: number;
  readonly signal?: AbortSignal;
}

/**
 * `again`: some rows were refused for now; bring the message back, not before `delaySeconds`. `settled`: how many other
 * rows this delivery has settled.
 */
export type BatchOutcome =
  | { readonly kind: 'done'; readonly measured?: MeasuredBatch }
  | { readonly kind: 'again'; readonly delaySeconds?: number; readonly settled: number };

/**
 * Creates the entities of one batch, then settles its rows, then notes the batch: in this order, so that whoever is
 * killed in between comes again and finds each finished step harmless.
 */
export async function processBatch(
  stores: BatchStores,
  message: BatchMessage,
  context: BatchContext,
): Promise<BatchOutcome> {
  const startedAt = Date.now();
  using watch = await BatchWatch.open(stores.actions, message);
  // The action is over, or in a later run: its rows have answered, or another message carries them.
  if (!watch) return { kind: 'done' };
  const scope = rowScopeOf(watch.action);
  const dryRun = watch.action.dryRun === true;
  const rows = withEntityIds(context.process, message, await batchRowsOf(stores.bucket, message));
  const open = await unsettledOf(stores.tracking, scope, rows, context);

  const outcomes = await unlessOver(() =>
    applyRows(stores.tracking, open, scope, message, { ...context, dryRun, bounds: watch.within(context.signal) }),
  );
  if (!outcomes) return { kind: 'done' };
  const verdict = sortOutcomes(open, outcomes, !watch.isOver && context.receiveCount >= context.deliveries);
  await settleRows(stores.tracking, watch.action, verdict, context.target.keepsEntityId);
  if (watch.isOver) return { kind: 'done' };
  if (verdict.transient.length > 0) {
    return { kind: 'again', ...delayOf(verdict.transient), settled: open.length - verdict.transient.length };
  }
  const failed = verdict.refused.length;
  const measured = measure(startedAt, context);
  await stores.actions.markBatch(message, {
    batch: message.currentBatchNumber,
    ...answeredOf(rows, verdict),
    failed,
    ...measured,
  });
  return { kind: 'done', measured: { ...measured, rows: rows.length, failed } };
}

/** Undefined when the action was over midway: whoever settles its rows finds out what has been written. */
async function unlessOver<Result>(apply: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await apply();
  } catch (error) {
    if (error instanceof ActionOverError) return undefined;
    throw error;
  }
}

/** How long this delivery took, and how long the batch lay in the queue until it began. */
function measure(startedAt: number, { sentAt }: BatchContext): { workMs: number; waitMs?: number } {
  return { workMs: Date.now() - startedAt, ...(sentAt !== undefined && { waitMs: Math.max(0, startedAt - sentAt) }) };
}

/** The rows that a batch carries or points to. */
export async function batchRowsOf(bucket: SheetBucket, message: BatchMessage): Promise<BatchRow[]> {
  return 'rows' in message ? message.rows : batchRowsSchema.parse(await bucket.getJson(message.rowsKey));
}

/**
 * Rows that still need their entity. The registry meets a second creation with its own first, so there only a
 * redelivery is worth the read; an outside service is asked for nothing that has already been answered.
 */
async function unsettledOf(
  tracking: TrackingTable,
  scope: RowScope,
  rows: IdentifiedRow[],
  context: BatchContext,
): Promise<IdentifiedRow[]> {
  if (context.target.keepsEntityId && context.receiveCount === 1) return rows;
  const tracked = await tracking.read(
    scope,
    rows.map((row) => row.uniqueIdentifier),
    true,
  );
  return rows.filter((row) => (tracked.get(row.uniqueIdentifier)?.status ?? 'pending') === 'pending');
}
