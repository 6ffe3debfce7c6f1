import {
  type ActionProblem,
  type ActionStatus,
  actionTransitions,
  type BulkAction,
  noCounts,
  runningStatuses,
  terminalStatuses,
  type WaitReason,
} from '../model/action.ts';
import { ProblemError } from '../model/problem.ts';
import { type RunTimes, runAttributes } from '../model/run-times.ts';
import { sourcesOf } from '../model/transition.ts';
import { AnsweredBatches, type BatchMarker, type BatchProgress } from './batch-progress.ts';
import type { ControlTable, ItemKey, Page } from './control-table.ts';
import type { ReferenceStore } from './reference-store.ts';
import { writeClaiming } from './write-claiming.ts';

/** Days after its end that the control table forgets an action's batches; the action itself stays. */
const batchMarkerDays = 30;

/** Attributes that a transition may set along with the status. */
export type ActionChange = Partial<
  Pick<
    BulkAction,
    | 'startedAt'
    | 'finishedAt'
    | 'deadlineAt'
    | 'execution'
    | 'problem'
    | 'counts'
    | 'revived'
    | 'batches'
    | 'mapping'
    | 'movement'
    | 'batchTimes'
    | keyof RunTimes
    | 'charged'
    | 'waitingFor'
    | 'sheet'
    | 'warnings'
    | 'run'
    | 'source'
    | 'startAt'
    | 'undo'
  >
>;

/** Bulk actions in the control table: PK `ACTION#account#action`, SK `META`; their batches beside them. */
export class ActionStore {
  private readonly control: ControlTable;
  private readonly answered = new AnsweredBatches();

  constructor(control: ControlTable) {
    this.control = control;
  }

  async find(accountId: string, actionId: string): Promise<BulkAction | undefined> {
    const item = await this.control.get<Record<string, unknown>>(actionKey(accountId, actionId));
    return item && toAction(item);
  }

  /** The action, or a 404: an action of another account is one that does not exist. */
  async get(accountId: string, actionId: string): Promise<BulkAction> {
    const action = await this.find(accountId, actionId);
    if (!action) throw new ProblemError('not_found', `There is no bulk action ${actionId}.`);
    return action;
  }

  /** Creates an action that waits for its turn when the reference is busy; false when it exists already. */
  create(action: BulkAction): Promise<boolean> {
    return this.control.create(toItem(action));
  }

  /**
   * Creates an action and takes its reference and process in one transaction.
   * @throws ProblemError `action_running` with the running action's id; an error when there is one of this id already.
   */
  async createClaiming(action: BulkAction, references: ReferenceStore): Promise<void> {
    const ConditionExpression = 'attribute_not_exists(pk)';
    const created = await writeClaiming(this.control, references, {
      write: { Put: { TableName: this.control.name, Item: toItem(action), ConditionExpression } },
      identity: action,
      claim: references.claimChange(action.actionId),
    });
    if (!created) throw new Error(`There is an action ${action.actionId} already.`);
  }

  /**
   * Moves the action to `to`, setting `change` along. A repeated transition is harmless: `false` says that the action
   * is there already. Of a cancellation and another end the first wins: once it is asked for, only `cancelled` follows.
   * @throws ProblemError `illegal_transition` when `to` can't follow the present status.
   */
  async transition(accountId: string, actionId: string, to: ActionStatus, change: ActionChange = {}): Promise<boolean> {
    const ended = terminalStatuses.includes(to);
    const moved = await this.control.change(actionKey(accountId, actionId), {
      set: {
        status: to,
        ...change,
        updatedAt: new Date().toISOString(),
        ...listedAs(actionId, ended, change),
      },
      remove: ended ? ['waitingFor'] : [],
      when: {
        status: sourcesOf(actionTransitions, to),
        ...(to !== 'cancelled' && { cancelRequestedAt: undefined }),
      },
      ...(ended && { remove: ['waitingFor'] }),
    });
    if (moved) return true;
    const action = await this.get(accountId, actionId);
    if (action.status === to) return false;
    const standing = action.cancelRequestedAt === undefined ? action.status : 'being cancelled';
    throw new ProblemError('illegal_transition', `The action is ${standing}; it can't become ${to}.`, {
      actionStatus: action.status,
    });
  }

  /** Notes that the world was told of the end of the action's run. False when its next run has begun. */
  noteAnnounced({ accountId, actionId, run }: BulkAction): Promise<boolean> {
    return this.control.change(actionKey(accountId, actionId), {
      set: { announcedRun: run },
      remove: ['openpk', 'opensk'],
      when: { run, status: terminalStatuses },
    });
  }

  /** Begins an ended action's next run, as `next` has it. False when that run, or an undoing, has begun already. */
  beginRun(next: BulkAction): Promise<boolean> {
    const { pk, sk, ...attributes } = toItem(next);
    const ofLastRun = ['cancelRequestedAt', ...(next.selection === undefined ? ['selection'] : [])];
    return this.control.change(
      { pk, sk },
      {
        set: attributes,
        remove: ['problem', 'finishedAt', 'execution', 'movement', ...ofLastRun, ...runAttributes],
        when: { status: terminalStatuses, run: next.run - 1, undoing: undefined, undoAttempts: undefined },
      },
    );
  }

  /**
   * Sets attributes of an action that has not ended. False when it has, or when it is being cancelled and the writer has
   * not `seen` so: what was under way then has no say in it any more.
   */
  record(
    accountId: string,
    actionId: string,
    change: ActionChange,
    seen: Pick<BulkAction, 'cancelRequestedAt'> = {},
  ): Promise<boolean> {
    return this.control.change(actionKey(accountId, actionId), {
      set: { ...change, updatedAt: new Date().toISOString() },
      when: { status: runningStatuses, cancelRequestedAt: seen.cancelRequestedAt },
    });
  }

  /** Notes what was charged for the action's run, and whether it waits for more. False when it has ended or is being cancelled. */
  noteQuota(
    { accountId, actionId, run, quotaWaitAt }: BulkAction,
    quota: { charged: BulkAction['charged']; waiting: boolean; problem?: ActionProblem },
  ): Promise<boolean> {
    const { charged, waiting, problem } = quota;
    const now = new Date().toISOString();
    const times = waiting ? { quotaWaitAt: quotaWaitAt ?? now } : { quotaTakenAt: quotaWaitAt && now };
    return this.control.change(actionKey(accountId, actionId), {
      set: { charged, problem, ...times, waitingFor: waiting ? 'quota' : undefined, updatedAt: now },
      remove: waiting ? [] : ['waitingFor'],
      when: { run, status: runningStatuses, cancelRequestedAt: undefined },
    });
  }

  /** Notes that a batch has answered for all its rows. Twice is once. */
  async markBatch(action: Pick<BulkAction, 'accountId' | 'actionId' | 'run'>, marker: BatchMarker): Promise<void> {
    await this.control.put({
      pk: actionKey(action.accountId, action.actionId).pk,
      sk: batchKey(action.run, marker.batch),
      created: marker.created,
      updated: marker.updated,
      deleted: marker.deleted,
      failed: marker.failed,
      workMs: marker.workMs,
      waitMs: marker.waitMs,
      expiresAt: Math.floor(Date.now() / 1000) + batchMarkerDays * 86_400,
    });
  }

  /** The numbers of the current run's batches that have answered. */
  async answeredBatches(action: Pick<BulkAction, 'accountId' | 'actionId' | 'run'>): Promise<Set<number>> {
    const numbers = new Set<number>();
    const { pk } = actionKey(action.accountId, action.actionId);
    const prefix = batchPrefix(action.run);
    for await (const markers of this.control.list<ItemKey>(pk, prefix)) {
      for (const { sk } of markers) numbers.add(Number(sk.slice(prefix.length)));
    }
    return numbers;
  }

  /** Adds up the batches of the action's current run, those numbered up to `last`. */
  async progress(
    action: Pick<BulkAction, 'accountId' | 'actionId' | 'run'>,
    last = Number.POSITIVE_INFINITY,
  ): Promise<BatchProgress> {
    const { pk } = actionKey(action.accountId, action.actionId);
    const prefix = batchPrefix(action.run);
    const run = `${pk} ${prefix}`;
    const tally = this.answered.of(run, last);
    const after = tally.upTo > 0 ? batchKey(action.run, tally.upTo) : undefined;
    for await (const markers of this.control.list<BatchMarker & ItemKey>(pk, prefix, after)) {
      for (const marker of markers) {
        const number = Number(marker.sk.slice(prefix.length));
        if (number <= last) tally.add(number, marker);
      }
    }
    this.answered.keep(run, tally);
    return tally.progress;
  }

  /** The account's actions, newest first. */
  async list(
    accountId: string,
    filter: {
      referenceId?: string;
      status?: ActionStatus;
      waitingFor?: WaitReason;
      limit: number;
      cursor?: string;
    },
  ): Promise<Page<BulkAction>> {
    const index = filter.referenceId === undefined ? 'gsi1' : 'gsi2';
    const own =
      filter.referenceId === undefined
        ? accountPartition(accountId)
        : referencePartition(accountId, filter.referenceId);
    const { status, waitingFor } = filter;
    const wanted = Object.entries({ status, waitingFor }).filter(([, value]) => value !== undefined);
    const page = await this.control.page<Record<string, unknown>>(
      {
        IndexName: index,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: {
          '#pk': `${index}pk`,
          ...Object.fromEntries(wanted.map(([name]) => [`#${name}`, name])),
        },
        ExpressionAttributeValues: {
          ':pk': own,
          ...Object.fromEntries(wanted.map(([name, value]) => [`:${name}`, value])),
        },
        ...(wanted.length > 0 && { FilterExpression: wanted.map(([name]) => `#${name} = :${name}`).join(' AND ') }),
        ScanIndexForward: false,
      },
      filter.limit,
      filter.cursor,
      [`${index}pk`, own],
    );
    return { ...page, items: page.items.map(toAction) };
  }

  /** Actions that have not ended, those with the nearest deadline first. */
  open(): AsyncGenerator<BulkAction[]> {
    return this.listOpen(openPartition);
  }

  /**
   * An account's actions that have not ended. The index has those of all accounts, of which there are few at any time,
   * since each ends by its deadline.
   */
  openOf(accountId: string): AsyncGenerator<BulkAction[]> {
    return this.listOpen(openPartition, accountId);
  }

  /** Actions that are being undone, the oldest undoing first. */
  undoing(): AsyncGenerator<BulkAction[]> {
    return this.listOpen(undoingPartition);
  }

  /** Actions that have ended and whose event is still owed, the oldest first. */
  unannounced(): AsyncGenerator<BulkAction[]> {
    return this.listOpen(unannouncedPartition);
  }

  private async *listOpen(partition: string, accountId?: string): AsyncGenerator<BulkAction[]> {
    let cursor: string | undefined;
    do {
      const page: Page<Record<string, unknown>> = await this.control.page(
        {
          IndexName: 'gsi3',
          KeyConditionExpression: 'openpk = :pk',
          ExpressionAttributeValues: { ':pk': partition, ...(accountId !== undefined && { ':account': accountId }) },
          ...(accountId !== undefined && { FilterExpression: 'accountId = :account' }),
        },
        100,
        cursor,
        ['openpk', partition],
      );
      yield page.items.map(toAction);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}

/** The two partitions of the index of actions that somebody has to look after. */
const openPartition = 'OPEN';
const unannouncedPartition = 'UNANNOUNCED';
/** In place of those, while an action is being undone. */
export const undoingPartition = 'UNDOING';

/** Where a transition puts the action among those that somebody looks after; it stays where it is if neither changes. */
function listedAs(actionId: string, ended: boolean, { finishedAt, deadlineAt }: ActionChange): Record<string, string> {
  if (ended) return { openpk: unannouncedPartition, opensk: `${finishedAt ?? new Date().toISOString()}#${actionId}` };
  return deadlineAt === undefined ? {} : { opensk: `${deadlineAt}#${actionId}` };
}

/** Where an action is kept; what belongs to it lies beside it in the same partition. */
export function actionKey(accountId: string, actionId: string): ItemKey {
  return { pk: `ACTION#${accountId}#${actionId}`, sk: 'META' };
}

function batchKey(run: number, batch: number): string {
  return `${batchPrefix(run)}${String(batch).padStart(6, '0')}`;
}

function batchPrefix(run: number): string {
  return `BATCH#${run}#`;
}

function accountPartition(accountId: string): string {
  return `ACCOUNT#${accountId}`;
}

function referencePartition(accountId: string, referenceId: string): string {
  return `REFERENCE#${accountId}#${referenceId}`;
}

function toItem(action: BulkAction) {
  const { accountId, actionId, referenceId, createdAt, deadlineAt } = action;
  return {
    ...actionKey(accountId, actionId),
    ...action,
    gsi1pk: accountPartition(accountId),
    gsi1sk: `${createdAt}#${actionId}`,
    gsi2pk: referencePartition(accountId, referenceId),
    gsi2sk: `${createdAt}#${actionId}`,
    openpk: openPartition,
    opensk: `${deadlineAt}#${actionId}`,
  };
}

/** The item less its keys. A table may hand its maps out in any order; figures are always told in one. */
function toAction(item: Record<string, unknown>): BulkAction {
  const { pk, sk, gsi1pk, gsi1sk, gsi2pk, gsi2sk, openpk, opensk, undoing, undoAttempts, ...rest } = item;
  const action = rest as unknown as BulkAction;
  const { rows, created, failed } = action.revived;
  return { ...action, counts: { ...noCounts, ...action.counts }, revived: { rows, created, failed } };
}
