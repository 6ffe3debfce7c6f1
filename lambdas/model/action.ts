import { z } from 'zod';
import type { BatchTimes } from './batch-times.ts';
import type { ColumnMapping } from './column-mapping.ts';
import type { RowScopeKind } from './identity.ts';
import type { MappingFigures } from './mapping.ts';
import type { RetrySelection } from './retry-selection.ts';
import type { RunTimes } from './run-times.ts';
import type { Transitions } from './transition.ts';
import type { Undo } from './undo.ts';

export const actionStatuses = [
  'pending',
  'validating',
  'processing',
  'mapping',
  'completed',
  'completed_with_failures',
  'failed',
  'cancelled',
] as const;
export type ActionStatus = (typeof actionStatuses)[number];

const ended = ['completed', 'completed_with_failures', 'failed', 'cancelled'] as const;
/** The statuses in which an action has answered for every row. */
export const terminalStatuses: readonly ActionStatus[] = ended;
export const runningStatuses: readonly ActionStatus[] = ['pending', 'validating', 'processing', 'mapping'];

/** Terminal statuses lead back to `pending` only by a retry, which starts the action's next run. */
export const actionTransitions: Transitions<ActionStatus> = {
  pending: ['validating', 'failed', 'cancelled'],
  validating: ['processing', ...ended],
  processing: ['mapping', ...ended],
  mapping: [...ended],
  completed: ['pending'],
  completed_with_failures: ['pending'],
  failed: ['pending'],
  cancelled: ['pending'],
};

/** What an action does with its rows. */
export const actionKinds = ['insert', 'update', 'upsert', 'delete'] as const;
export type ActionKind = (typeof actionKinds)[number];

/** `reject`: one invalid row and nothing is created. `skip`: the valid rows are created. */
export const invalidRowPolicies = ['reject', 'skip'] as const;
export type InvalidRowPolicy = (typeof invalidRowPolicies)[number];

const count = z.number().int().min(0);

/** Rows by answer. In a terminal status `rows` is the sum of all the others and `pending` is 0. */
export const countsSchema = z
  .object({
    rows: count,
    created: count,
    updated: count,
    deleted: count,
    known: count,
    duplicate: count,
    invalid: count,
    failed: count,
    unprocessed: count,
    cancelled: count,
    pending: count,
  })
  .meta({ id: 'Counts', description: 'Rows of the sheet by answer; `rows` is the sum of all the others.' });
export type Counts = z.infer<typeof countsSchema>;

export const noCounts: Counts = {
  rows: 0,
  created: 0,
  updated: 0,
  deleted: 0,
  known: 0,
  duplicate: 0,
  invalid: 0,
  failed: 0,
  unprocessed: 0,
  cancelled: 0,
  pending: 0,
};

/** Adds figure by figure. */
export function addCounts(a: Counts, b: Partial<Counts>): Counts {
  const sum = { ...a };
  for (const key of Object.keys(b) as (keyof Counts)[]) sum[key] += b[key] ?? 0;
  return sum;
}

/** What went wrong with the action as a whole; `code` is stable. */
export const actionProblemSchema = z
  .object({
    code: z.string(),
    detail: z.string(),
    /** Further findings, e.g. the missing columns. */
    items: z.array(z.string()).optional(),
  })
  .meta({ id: 'ActionProblem' });
export type ActionProblem = z.infer<typeof actionProblemSchema>;

/** Where the action's sheet came from. */
export type ActionSource =
  | {
      readonly kind: 'upload';
      readonly key: string;
      readonly fileName: string;
      readonly size: number;
      /** Both are there once the sheet was offered an upload in parts; all parts but the last have `partBytes`. */
      readonly uploadId?: string;
      readonly partBytes?: number;
    }
  | { readonly kind: 'records'; readonly key: string; readonly fileName: string; readonly size: number }
  | {
      readonly kind: 'inbox';
      readonly key: string;
      readonly fileName: string;
      readonly size: number;
      /** Of the object that arrived: its key may get another one, which is an action of its own. */
      readonly etag?: string;
    };

/** What an action that has not begun waits for, besides its sheet: room in its account's quota, or its time. */
export const waitReasons = ['quota', 'start'] as const;
export type WaitReason = (typeof waitReasons)[number];

/** How far an action's batches were when they were last looked at. */
export interface Movement {
  /** Batches done, and since when no more have been. */
  readonly done: number;
  readonly since: string;
  readonly dispatchedAt: string;
  /** What their rows came to; absent until one is done. */
  readonly answered?: Pick<Counts, 'created' | 'updated' | 'deleted' | 'failed'>;
}

/** One submitted sheet or list of records, as the control table holds it. Times are ISO 8601 UTC. */
export interface BulkAction extends RunTimes {
  readonly accountId: string;
  readonly actionId: string;
  readonly referenceId: string;
  readonly processName: string;
  readonly action: ActionKind;
  readonly status: ActionStatus;
  readonly source: ActionSource;
  readonly onInvalidRow: InvalidRowPolicy;
  /** As the process has it; absent means `reference`. */
  readonly rowScope?: RowScopeKind;
  /** True: everything runs but the writes to entities and mappings. */
  readonly dryRun?: boolean;
  /** True: an empty cell clears its field. Otherwise it leaves the field as it is. */
  readonly clearEmpty?: boolean;
  /** The sheet of a workbook to read; absent means the first visible one. */
  readonly sheetName?: string;
  /** What headers of other names mean, as the caller said. */
  readonly columns?: ColumnMapping;
  /** When it is to start; absent means as soon as its sheet is there. */
  readonly startAt?: string;
  /** Absent while nothing but its sheet, or its turn, is waited for. */
  readonly waitingFor?: WaitReason;
  /** What was charged to the account; of another run it does not count. */
  readonly charged?: ChargedRecords;
  /** 0 for the first run, one more for each retry. */
  readonly run: number;
  /** Which failed rows the run takes up; absent means all, and in a first run nothing. */
  readonly selection?: RetrySelection;
  readonly counts: Counts;
  /** Rows of earlier actions that this one took up again, and what became of them. */
  readonly revived: { readonly rows: number; readonly created: number; readonly failed: number };
  /**
   * `levels`: where rows wait for their parents, the number of each level's last batch. `rows`: rows of a full batch;
   * absent before the dispatch is planned.
   */
  readonly batches: {
    readonly total: number;
    readonly done: number;
    readonly levels?: readonly number[];
    readonly rows?: number;
  };
  /** Mappings of the action's reference and type when its mapping had ended; absent before, and where nothing is mapped. */
  readonly mapping?: MappingFigures;
  /** The last sight of progress. Absent before the dispatch. */
  readonly movement?: Movement;
  /** How long the run's batches took; set when all have answered, or are not waited for any more. */
  readonly batchTimes?: BatchTimes;
  /** What the sheet turned out to be; set by staging. */
  readonly sheet?: StagedSheet;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly updatedAt: string;
  readonly finishedAt?: string;
  /** When the action ends at the latest. */
  readonly deadlineAt: string;
  /** ARN of the current run's execution. */
  readonly execution?: string;
  /** When somebody asked to cancel the run. From then on nothing of it begins, and it can only end as `cancelled`. */
  readonly cancelRequestedAt?: string;
  /** Absent until somebody asked to undo the action. */
  readonly undo?: Undo;
  /** The last run of whose end the world was told. */
  readonly announcedRun?: number;
  readonly problem?: ActionProblem;
  readonly warnings: readonly string[];
}

/** Records of a run that were charged to its account, at last `at`, microseconds since 1970. */
export interface ChargedRecords {
  readonly run: number;
  readonly records: number;
  readonly at: number;
}

/** What staging found out about the sheet and where it put it. */
export interface StagedSheet {
  readonly format: 'csv' | 'tsv' | 'xlsx' | 'json' | 'ndjson';
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly sheetName?: string;
  /** The input's own headers in order, less Rollcall's own report columns. */
  readonly headers: readonly string[];
  /** Chunks `chunks/{actionId}/000000.ndjson` … */
  readonly chunks: number;
}

/** True when every row of the action has answered. */
export function hasEnded(action: Pick<BulkAction, 'status'>): boolean {
  return terminalStatuses.includes(action.status);
}

/** How an action ends, from its final counts: the same in the report, the notification and the status. */
export function verdictOf(
  action: Pick<BulkAction, 'counts' | 'revived' | 'problem' | 'mapping' | 'cancelRequestedAt'>,
  onFailedRow: 'fail' | 'complete',
): 'completed' | 'completed_with_failures' | 'failed' | 'cancelled' {
  const { counts, revived, mapping } = action;
  if (action.cancelRequestedAt !== undefined) return 'cancelled';
  if (action.problem) return 'failed';
  const failed = counts.failed + counts.unprocessed + revived.failed;
  if (failed > 0 && onFailedRow === 'fail') return 'failed';
  // A retry of some rows may leave others as they were cancelled before.
  const wanting = failed + counts.invalid + counts.cancelled + (mapping?.failed ?? 0);
  return wanting > 0 ? 'completed_with_failures' : 'completed';
}
