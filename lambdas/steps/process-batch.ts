import type { EntityOutcome, EntityTarget } from '../entities/entity-target.ts';
import { type BatchMessage, type BatchRow, batchRowsSchema } from '../model/batch-message.ts';
import { entityIdOf } from '../model/identity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { RowError } from '../model/row.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import type { RowScope, TrackingTable } from '../store/tracking-table.ts';

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
  readonly signal?: AbortSignal;
}

/** `again`: some rows were refused for now; bring the message back, not before `delaySeconds`. */
export type BatchOutcome = { readonly kind: 'done' } | { readonly kind: 'again'; readonly delaySeconds?: number };

/**
 * Creates the entities of one batch, then settles its rows, then notes the batch: in this order, so that whoever is
 * killed in between comes again and finds each finished step harmless.
 */
export async function processBatch(
  stores: BatchStores,
  message: BatchMessage,
  context: BatchContext,
): Promise<BatchOutcome> {
  const action = await stores.actions.find(message.accountId, message.actionId);
  // The action has ended, or is in a later run: its rows have answered, or another message carries them.
  if (action?.status !== 'processing' || action.run !== message.run) return { kind: 'done' };
  const scope = { accountId: message.accountId, referenceId: message.referenceId, type: message.processName };
  const rows = await batchRowsOf(stores.bucket, message);
  const open = await unsettledOf(stores.tracking, scope, rows, context);

  const outcomes = await applyAll(open, scope, message, context);
  const verdict = sortOutcomes(open, outcomes, context.receiveCount >= context.deliveries);
  await settle(stores.tracking, scope, message.actionId, verdict, context.target.keepsEntityId);
  if (verdict.transient.length > 0) return { kind: 'again', ...delayOf(verdict.transient) };
  const failed = verdict.refused.length;
  await stores.actions.markBatch(message, { batch: message.currentBatchNumber, created: rows.length - failed, failed });
  return { kind: 'done' };
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
  rows: BatchRow[],
  context: BatchContext,
): Promise<BatchRow[]> {
  if (context.target.keepsEntityId && context.receiveCount === 1) return rows;
  const tracked = await tracking.read(
    scope,
    rows.map((row) => row.uniqueIdentifier),
    true,
  );
  return rows.filter((row) => tracked.get(row.uniqueIdentifier)?.status === 'pending');
}

async function applyAll(
  rows: BatchRow[],
  scope: RowScope,
  message: BatchMessage,
  context: BatchContext,
): Promise<EntityOutcome[]> {
  if (rows.length === 0) return [];
  const requests = rows.map((row) => ({
    ...row,
    entityId: entityIdOf({ ...scope, uniqueIdentifier: row.uniqueIdentifier }),
  }));
  return context.target.apply(requests, {
    accountId: message.accountId,
    referenceId: message.referenceId,
    processName: message.processName,
    actionId: message.actionId,
    entity: context.process.entity,
    action: context.process.action,
    ...(context.signal && { signal: context.signal }),
  });
}

interface Verdict {
  readonly done: { uniqueIdentifier: string; entityId: string }[];
  readonly refused: { uniqueIdentifier: string; error: RowError }[];
  readonly transient: (EntityOutcome & { kind: 'transient' })[];
}

/** On the last delivery what is still refused for now is refused for good, with its reason. */
function sortOutcomes(rows: BatchRow[], outcomes: EntityOutcome[], lastDelivery: boolean): Verdict {
  const verdict: Verdict = { done: [], refused: [], transient: [] };
  rows.forEach(({ uniqueIdentifier }, index) => {
    const outcome = outcomes[index] as EntityOutcome;
    if (outcome.kind === 'done') verdict.done.push({ uniqueIdentifier, entityId: outcome.entityId });
    else if (outcome.kind === 'refused' || lastDelivery)
      verdict.refused.push({ uniqueIdentifier, error: outcome.error });
    else verdict.transient.push(outcome);
  });
  return verdict;
}

async function settle(
  tracking: TrackingTable,
  scope: RowScope,
  actionId: string,
  verdict: Verdict,
  keepsEntityId: boolean,
): Promise<void> {
  if (!keepsEntityId) await tracking.setEntityIds(scope, actionId, verdict.done);
  await tracking.markSuccess(
    scope,
    actionId,
    verdict.done.map((row) => row.uniqueIdentifier),
  );
  await tracking.markFailed(scope, actionId, verdict.refused);
}

/** The longest pause that any row was asked to keep. */
function delayOf(transient: Verdict['transient']): { delaySeconds?: number } {
  const asked = transient.map((outcome) => outcome.retryAfterSeconds ?? 0);
  const delaySeconds = Math.max(...asked);
  return delaySeconds > 0 ? { delaySeconds } : {};
}
