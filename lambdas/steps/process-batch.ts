import type { EntityOutcome, EntityRequest, EntityTarget } from '../entities/entity-target.ts';
import { type BatchMessage, type BatchRow, batchRowsSchema } from '../model/batch-message.ts';
import type { MeasuredBatch } from '../model/batch-times.ts';
import { type EntityEffect, entityIdFor, parentOf } from '../model/entity.ts';
import type { EntityKeys, ProcessDefinition } from '../model/process.ts';
import type { RowError } from '../model/row.ts';
import { rowScopeOf } from '../model/row-scope.ts';
import type { WriteBounds } from '../model/write-bounds.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import type { RowScope, TrackingTable } from '../store/tracking-table.ts';
import { ActionOverError, BatchWatch } from './batch-watch.ts';
import { blockedRows } from './blocked-rows.ts';

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
  const rows = await batchRowsOf(stores.bucket, message);
  const open = await unsettledOf(stores.tracking, scope, rows, context);

  const outcomes = await unlessOver(() =>
    applyAll(stores.tracking, open, scope, message, { ...context, dryRun, bounds: watch.within(context.signal) }),
  );
  if (!outcomes) return { kind: 'done' };
  const verdict = sortOutcomes(open, outcomes, !watch.isOver && context.receiveCount >= context.deliveries);
  await settle(stores.tracking, scope, message.actionId, verdict, context.target.keepsEntityId);
  if (watch.isOver) return { kind: 'done' };
  if (verdict.transient.length > 0) {
    return { kind: 'again', ...delayOf(verdict.transient), settled: open.length - verdict.transient.length };
  }
  const failed = verdict.refused.length;
  const measured = measure(startedAt, context);
  await stores.actions.markBatch(message, {
    batch: message.currentBatchNumber,
    created: rows.length - failed,
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

type BoundedContext = Pick<BatchContext, 'process' | 'target'> & {
  readonly bounds: WriteBounds;
  readonly dryRun: boolean;
};

/** Each row's outcome. A row that is blocked by its parent never gets as far as a target that would not notice. */
async function applyAll(
  tracking: TrackingTable,
  rows: BatchRow[],
  scope: RowScope,
  message: BatchMessage,
  context: BoundedContext,
): Promise<EntityOutcome[]> {
  const { process, target, dryRun } = context;
  const requests = rows.map((row) => requestOf(process, message, row));
  // In a dry run no target has the parents of the same sheet.
  const blocked =
    target.checksParents && !dryRun ? new Map<string, RowError>() : await blockedRows(tracking, scope, requests);
  const free = requests.filter(({ uniqueIdentifier }) => !blocked.has(uniqueIdentifier));
  const applied = await applyFree(free, message, context);
  return requests.map(({ uniqueIdentifier }) => {
    const error = blocked.get(uniqueIdentifier);
    return error ? { kind: 'refused', error } : (applied.get(uniqueIdentifier) as EntityOutcome);
  });
}

function requestOf(process: ProcessDefinition, message: BatchMessage, row: BatchRow): EntityRequest {
  const { accountId, referenceId, processName } = message;
  const identity = { accountId, referenceId, type: processName, uniqueIdentifier: row.uniqueIdentifier };
  const parent = parentOf(process, row.data);
  return {
    ...row,
    entityId: row.entityId ?? entityIdFor(process, identity),
    ...(process.entityKeys && ofKeys(process.entityKeys, row)),
    ...(parent !== undefined && { parent }),
  };
}

/** The values of the unique fields that the row sets, by field, and what a new entity would lack. */
function ofKeys({ unique, required }: EntityKeys, { data }: BatchRow): Pick<EntityRequest, 'unique' | 'missing'> {
  const set = unique.flatMap((field) => (typeof data[field] === 'string' ? [[field, data[field]]] : []));
  const missing = required.filter((field) => data[field] === undefined);
  return { unique: Object.fromEntries(set), ...(missing.length > 0 && { missing }) };
}

async function applyFree(
  requests: readonly EntityRequest[],
  message: BatchMessage,
  { process, target, bounds, dryRun }: BoundedContext,
): Promise<ReadonlyMap<string, EntityOutcome>> {
  if (requests.length === 0) return new Map();
  const outcomes = await target.apply(requests, {
    accountId: message.accountId,
    referenceId: message.referenceId,
    processName: message.processName,
    actionId: message.actionId,
    entity: process.entity,
    ...(process.entityScope && { entityScope: process.entityScope }),
    action: process.action,
    ...(dryRun && { dryRun }),
    ...bounds,
  });
  return new Map(requests.map(({ uniqueIdentifier }, index) => [uniqueIdentifier, outcomes[index] as EntityOutcome]));
}

interface DoneRow {
  readonly uniqueIdentifier: string;
  readonly entityId: string;
  readonly effect: EntityEffect;
  /** Whether effect and id are other than planned, so that they have to be noted. */
  readonly otherEffect: boolean;
  readonly otherId: boolean;
}

interface Verdict {
  readonly done: DoneRow[];
  readonly refused: { uniqueIdentifier: string; error: RowError }[];
  readonly transient: (EntityOutcome & { kind: 'transient' })[];
}

/** On the last delivery what is still refused for now is refused for good, with its reason. */
function sortOutcomes(rows: BatchRow[], outcomes: EntityOutcome[], lastDelivery: boolean): Verdict {
  const verdict: Verdict = { done: [], refused: [], transient: [] };
  rows.forEach(({ uniqueIdentifier, entityId, effect = 'created' }, index) => {
    const outcome = outcomes[index] as EntityOutcome;
    if (outcome.kind === 'done')
      verdict.done.push({
        uniqueIdentifier,
        entityId: outcome.entityId,
        effect: outcome.effect,
        otherEffect: outcome.effect !== effect,
        otherId: entityId !== undefined && outcome.entityId !== entityId,
      });
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
  const others = keepsEntityId ? verdict.done.filter(({ otherId }) => otherId) : verdict.done;
  await tracking.setEntityIds(scope, actionId, others);
  await tracking.noteEffects(
    scope,
    actionId,
    verdict.done.filter(({ otherEffect }) => otherEffect),
  );
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
