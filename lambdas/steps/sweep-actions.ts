import type { ActionProblem, BulkAction } from '../model/action.ts';
import type { ActionRequests } from '../store/action-requests.ts';
import type { Executions } from '../store/executions.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import type { UndoExecutions } from '../store/undo-executions.ts';
import { type AnnounceStores, announceEnd } from './announce-end.ts';
import { abandonAction } from './fail-action.ts';
import { endAction, type FinishStores } from './finish-action.ts';
import { isAhead, startExecution } from './start-action.ts';
import { sweepUndos } from './sweep-undos.ts';

export type SweepStores = FinishStores & {
  readonly undoExecutions: UndoExecutions;
  readonly requests: ActionRequests;
  readonly executions: Executions;
  readonly bucket: SheetBucket;
};

export interface SweepTimes {
  /** Nothing is done about an action that changed within these seconds: somebody drives it. */
  readonly idleSeconds: number;
  readonly deadlineSeconds: number;
}

/** What a sweep did, by actions. */
export interface SweepResult {
  readonly started: number;
  readonly salvaged: number;
  readonly ended: number;
  /** Ended as they stood, without a report. */
  readonly abandoned: number;
  readonly announced: number;
  /** Undoings that were given up. */
  readonly undosEnded: number;
}

/**
 * Looks after actions that nobody drives: the upload never came, its event was lost, or the execution was stopped or
 * has vanished. It is why every action ends, whatever is lost, and why the world is told of each end.
 */
export async function sweepActions(stores: SweepStores, times: SweepTimes): Promise<SweepResult> {
  const result = { started: 0, salvaged: 0, ended: 0, abandoned: 0, announced: 0, undosEnded: 0 };
  const idleSince = new Date(Date.now() - times.idleSeconds * 1000).toISOString();
  for await (const open of stores.actions.open()) {
    for (const action of open.filter(({ updatedAt }) => updatedAt < idleSince)) {
      const done = await sweepAction(stores, action, times);
      if (done) result[done] += 1;
    }
  }
  result.announced = await sweepEnds(stores, idleSince);
  result.undosEnded = await sweepUndos(stores, idleSince);
  return result;
}

/** Tells the world of ends that happened before `idleSince` (ISO 8601) and were not told of. Answers how many. */
export async function sweepEnds(stores: AnnounceStores, idleSince: string): Promise<number> {
  let announced = 0;
  for await (const ended of stores.actions.unannounced()) {
    for (const action of ended.filter(({ updatedAt }) => updatedAt < idleSince)) {
      if (await announceEnd(stores, action)) announced += 1;
    }
  }
  return announced;
}

function sweepAction(
  stores: SweepStores,
  action: BulkAction,
  times: SweepTimes,
): Promise<keyof SweepResult | undefined> {
  if (action.cancelRequestedAt !== undefined) return sweepCancelled(stores, action);
  return action.execution === undefined ? sweepWaiting(stores, action, times) : sweepDriven(stores, action);
}

/** Whoever cancelled it did not live to start what ends it, or that was stopped too. */
async function sweepCancelled(stores: SweepStores, action: BulkAction): Promise<keyof SweepResult | undefined> {
  const state = await stores.executions.cancelState(action);
  if (state === 'running') return undefined;
  if (state === 'absent') {
    await stores.executions.cancel(action);
    return 'salvaged';
  }
  await abandonAction(stores, action, executionGone);
  return 'ended';
}

/** No execution yet: the sheet is there and its event, or its schedule, was lost; or it has not come in its time. */
async function sweepWaiting(
  stores: SweepStores,
  action: BulkAction,
  times: SweepTimes,
): Promise<keyof SweepResult | undefined> {
  const { source } = action;
  const arrived = await stores.bucket.head(source.key);
  if (arrived?.size === source.size) {
    if (isAhead(action)) return undefined;
    await stores.requests.stopWaitingForStart(action);
    await startExecution(stores, action, times.deadlineSeconds);
    return 'started';
  }
  if (new Date().toISOString() < action.deadlineAt) return undefined;
  if (source.kind === 'upload' && source.uploadId) await stores.bucket.abortMultipart(source.key, source.uploadId);
  await endAction(stores, action, 'failed', {
    problem: {
      code: 'upload_missing',
      detail: 'The sheet was not uploaded in the time its upload address was good for. Submit it again.',
    },
  });
  return 'ended';
}

/**
 * The run's execution was stopped or has vanished: another one answers for the rows and writes the report. Only when
 * that one too has ended, and the action has not, is the action ended as it stands.
 */
async function sweepDriven(stores: SweepStores, action: BulkAction): Promise<keyof SweepResult | undefined> {
  if (await stores.executions.isRunning(action)) return undefined;
  const salvage = await stores.executions.salvageState(action);
  if (salvage === 'running') return undefined;
  if (salvage === 'absent') {
    await stores.executions.salvage(action);
    return 'salvaged';
  }
  await abandonAction(stores, action, action.problem ?? executionGone);
  return 'abandoned';
}

const executionGone: ActionProblem = {
  code: 'execution_stopped',
  detail:
    "The action's execution was stopped, and so was the one that was to write its report. Retry the action: its failed rows run again.",
};
