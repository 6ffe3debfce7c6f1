import { type BulkAction, type Counts, hasEnded, noCounts } from '../model/action.ts';
import type { BulkActionView } from '../model/api.ts';
import { defaultBatchRows } from '../model/batch-message.ts';
import type { ColumnMapping } from '../model/column-mapping.ts';
import type { MappingFigures } from '../model/mapping.ts';
import type { Undo, UndoView } from '../model/undo.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { BatchProgress } from '../store/batch-progress.ts';

type Progress = Omit<BatchProgress, 'milliseconds'>;

/** Batches of an action at most that are counted anew at each look: a query of 100 KB. */
const liveBatches = 1_000;

/** The action as its account sees it, with figures as fresh as can be had cheaply. */
export async function viewLive(actions: ActionStore, action: BulkAction): Promise<BulkActionView> {
  if (action.status !== 'processing') return viewBulkAction(action);
  const progress = action.batches.total > liveBatches ? lastSeen(action) : await actions.progress(action);
  return viewBulkAction(progress ? withProgress(action, progress) : action);
}

/** Undefined while no batch is done. */
function lastSeen({ batches, movement }: BulkAction): Progress | undefined {
  return movement?.answered && { done: batches.done, ...movement.answered };
}

/** The action as its account sees it. What is nobody's business outside (keys of objects, the account) stays away. */
export function viewBulkAction(action: BulkAction, now = new Date()): BulkActionView {
  const { actionId, referenceId, processName, status, run, counts, revived, batches, source, sheet, mapping } = action;
  const { createdAt, startedAt, updatedAt, finishedAt, deadlineAt, execution, problem, warnings } = action;
  return {
    actionId,
    referenceId,
    processName,
    status,
    ...(action.startAt !== undefined && { startAt: action.startAt }),
    ...(action.waitingFor && { waitingFor: action.waitingFor }),
    run,
    ...(action.dryRun === true && { dryRun: true as const }),
    counts: viewCounts(counts),
    revived: { rows: revived.rows, created: revived.created, failed: revived.failed },
    progress: progressOf(action, now),
    batches: { total: batches.total, done: batches.done },
    ...(mapping && { mapping: viewMapping(mapping) }),
    source: { kind: source.kind, fileName: source.fileName, size: source.size },
    ...(sheet && { sheet: foundSheet(sheet) }),
    ...(action.columns && { columns: inOrder(action.columns) }),
    createdAt,
    ...(startedAt !== undefined && { startedAt }),
    updatedAt,
    ...(finishedAt !== undefined && { finishedAt }),
    deadlineAt,
    ...(action.cancelRequestedAt !== undefined && { cancelRequestedAt: action.cancelRequestedAt }),
    ...(action.undo && { undo: viewUndo(action.undo) }),
    ...(execution !== undefined && { execution }),
    ...(problem && {
      problem: { code: problem.code, detail: problem.detail, ...(problem.items && { items: problem.items }) },
    }),
    warnings: [...warnings],
  };
}

/** What concerns its caller, in one order. */
export function viewUndo({ status, deleted, restored, skipped, startedAt, finishedAt }: Undo): UndoView {
  return { status, deleted, restored, skipped, startedAt, ...(finishedAt !== undefined && { finishedAt }) };
}

/** The counts in one order: the table hands its maps out in any, and a client that polls compares whole answers. */
export function viewCounts(counts: Counts): Counts {
  return Object.fromEntries(Object.keys(noCounts).map((key) => [key, counts[key as keyof Counts]])) as Counts;
}

/** Sorted by header, for the same reason. */
function inOrder(columns: ColumnMapping): ColumnMapping {
  return Object.fromEntries(Object.entries(columns).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function viewMapping(figures: MappingFigures): MappingFigures {
  const { toBeMapped, mapped, toBeDetached, detached, failed } = figures;
  return { toBeMapped, mapped, toBeDetached, detached, failed };
}

/** The counts with what the batches have answered by now. They may hold revived rows, which are no rows of the sheet. */
function withProgress(action: BulkAction, { done, ...answered }: Progress): BulkAction {
  const live: Counts = { ...action.counts };
  for (const answer of ['created', 'updated', 'deleted', 'failed'] as const) {
    const now = Math.min(answered[answer], live.pending);
    live[answer] += now;
    live.pending -= now;
  }
  return { ...action, counts: live, batches: { ...action.batches, done } };
}

function progressOf(action: BulkAction, now: Date): BulkActionView['progress'] {
  if (hasEnded(action)) return { percent: 100, rowsPerSecond: meanPace(action), etaSeconds: 0 };
  if (action.status === 'mapping') return { percent: 100, rowsPerSecond: 0, etaSeconds: null };
  const { batches, movement } = action;
  if (action.status !== 'processing' || batches.total === 0 || !movement) {
    return { percent: 0, rowsPerSecond: 0, etaSeconds: null };
  }
  const elapsed = secondsBetween(movement.dispatchedAt, now.toISOString());
  const share = batches.done / batches.total;
  return {
    percent: rounded(share * 100),
    rowsPerSecond: elapsed > 0 ? rounded((batches.done * (batches.rows ?? defaultBatchRows)) / elapsed) : 0,
    etaSeconds: share > 0 ? Math.ceil((elapsed / share) * (1 - share)) : null,
  };
}

/** Rows of the sheet a second, from its start to its end. */
function meanPace({ counts, startedAt, finishedAt }: BulkAction): number {
  if (startedAt === undefined || finishedAt === undefined) return 0;
  const seconds = secondsBetween(startedAt, finishedAt);
  return seconds > 0 ? rounded(counts.rows / seconds) : 0;
}

function foundSheet({ format, encoding, delimiter, sheetName }: NonNullable<BulkAction['sheet']>) {
  return {
    format,
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(sheetName !== undefined && { sheetName }),
  };
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
