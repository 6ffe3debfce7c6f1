import { type BulkAction, type Counts, hasEnded } from '../model/action.ts';
import { rowAnswers } from '../model/row.ts';
import type { EarlierRun } from '../store/earlier-runs.ts';

/** Which rows of an action's log stand after a system entry: what staging found, or how they were answered. */
export type RowSection = 'findings' | 'answers';

/** Something that happened to an action as a whole. */
export interface SystemEntry {
  /** Orders the entries: by time, then by what comes first in a run. */
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly code: string;
  readonly message: string;
  readonly rows?: RowSection;
}

/** What of a run is told, whether it is the present one or an earlier. */
type ToldRun = Omit<EarlierRun, 'retriedAt'>;
type Happening = readonly [at: string | undefined, code: string, message: string];

/** All that has happened to the action as a whole, in order of time: derived from what its steps recorded. */
export function systemEntries(action: BulkAction, earlier: readonly EarlierRun[]): SystemEntry[] {
  const present = { ...action, batches: action.batches.total, identifiedAt: action.movement?.dispatchedAt };
  const entries = [
    ...entriesOf('0', beginningOf(action)),
    ...entriesOf('1', warningsOf(action)),
    ...earlier.flatMap((run) => entriesOf(rankOfRun(run), [...happeningsOf(run, true), retryOf(run)])),
    ...entriesOf(rankOfRun(action), happeningsOf(present, hasEnded(action))),
    ...entriesOf('3', undoingOf(action)),
  ];
  return withRows(entries.sort((a, b) => (a.id < b.id ? -1 : 1)));
}

function rankOfRun({ run }: Pick<BulkAction, 'run'>): string {
  return `2.${String(run).padStart(6, '0')}`;
}

/** The rank decides between entries of one moment. It does not change when others are added: cursors refer to it. */
function entriesOf(rank: string, happenings: readonly Happening[]): SystemEntry[] {
  return happenings.flatMap(([at, code, message], index) =>
    at === undefined ? [] : [{ id: `${at}#${rank}.${String(index).padStart(4, '0')}`, at, code, message }],
  );
}

/** What happens once to an action, however often it runs. */
function beginningOf({ source, counts, sheet, stagedAt, startAt, createdAt }: BulkAction): Happening[] {
  const valid = counts.rows - counts.invalid - counts.duplicate;
  const found = [sheet?.format, sheet?.encoding].filter((part) => part !== undefined).join(', ');
  return [
    [createdAt, 'submitted', `${source.fileName}, ${source.size} bytes.`],
    [startAt && createdAt, 'scheduled', `Starts at ${startAt}.`],
    [
      stagedAt,
      'staged',
      `${counts.rows} rows${found && ` (${found})`}: ${valid} valid, ${counts.invalid} invalid, ${counts.duplicate} duplicates.`,
    ],
  ];
}

function warningsOf({ warnings, stagedAt }: BulkAction): Happening[] {
  return warnings.map((warning) => [stagedAt, 'warning', warning]);
}

function retryOf({ run, retriedAt }: EarlierRun): Happening {
  return [retriedAt, 'retried', `Run ${run + 1} was asked for: failed rows are tried again.`];
}

function happeningsOf(run: ToldRun, ended: boolean): Happening[] {
  const { mapping, problem } = run;
  return [
    [run.claimedAt, 'started', `Run ${run.run} has its turn.`],
    [run.quotaWaitAt, 'waiting_for_quota', "There is no room in the account's quota for all rows yet."],
    [run.quotaTakenAt, 'quota_taken', 'All rows have found room in the quota.'],
    [run.identifiedAt, 'identified', `What there is to do makes ${run.batches} batches.`],
    [run.sentAt, 'dispatched', `${run.batches} batches are in the queue.`],
    [run.cancelRequestedAt, 'cancel_requested', 'Nothing more is begun.'],
    [run.settledAt, 'settled', `Every row has its answer: ${figures(run.counts)}.`],
    [run.mappingAt, 'mapping_started', 'The boundary mapping begins.'],
    [
      run.mappedAt,
      'mapped',
      mapping
        ? `${mapping.mapped} mapped, ${mapping.toBeMapped} to be mapped, ${mapping.toBeDetached} to be detached; ${mapping.failed} were tried in vain.`
        : 'The boundary mapping has ended.',
    ],
    [ended && problem ? run.finishedAt : undefined, problem?.code ?? '', problem?.detail ?? ''],
    [ended ? run.finishedAt : undefined, 'finished', `${run.status}: ${figures(run.counts)}.`],
  ];
}

function undoingOf({ undo }: BulkAction): Happening[] {
  if (!undo) return [];
  const { startedAt, finishedAt, deleted, restored, skipped } = undo;
  return [
    [startedAt, 'undo_started', 'What the action did to entities is undone.'],
    [finishedAt, 'undone', `${deleted} entities deleted, ${restored} restored, ${skipped} left alone.`],
  ];
}

/** `3 created, 1 failed`. */
function figures(counts: Counts): string {
  const occurred = rowAnswers.filter((answer) => counts[answer] > 0).map((answer) => `${counts[answer]} ${answer}`);
  return occurred.join(', ') || 'no rows';
}

/** The rows stand where they were found so, or answered, last: a retry answers anew. */
function withRows(entries: SystemEntry[]): SystemEntry[] {
  const staged = entries.findLast(({ code }) => code === 'staged');
  const settled = entries.findLast(({ code }) => code === 'settled');
  return entries.map((entry) => {
    if (entry === staged) return { ...entry, rows: 'findings' };
    return entry === settled ? { ...entry, rows: 'answers' } : entry;
  });
}
