import { accountIdSchema, referenceIdSchema } from '../model/account.ts';
import { type BulkAction, hasEnded, noCounts } from '../model/action.ts';
import { derivedUuid } from '../model/identity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { Executions } from '../store/executions.ts';
import { announceEnd } from './announce-end.ts';
import { endAction, type FinishStores } from './finish-action.ts';

/** An object that arrived in the sheet bucket. */
export interface ArrivedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

export interface StartContext {
  readonly maxUploadBytes: number;
  readonly deadlineSeconds: number;
  /** Undefined when there is no such process. */
  processOf(processName: string): Pick<ProcessDefinition, 'action' | 'onInvalidRow' | 'rowScope'> | undefined;
}

type Stores = FinishStores & { readonly executions: Executions; readonly accounts: Pick<AccountStore, 'find'> };
/** What came of an arrival, for the log. */
export type StartOutcome = 'started' | 'scheduled' | 'refused' | 'ended_before' | NoSheet;
/** Where there is nobody whose action it could be. */
type NoSheet = 'not_a_sheet' | 'unknown_account';

/** A sheet has arrived: starts its action's execution. The same arrival may be told many times. */
export async function startAction(stores: Stores, object: ArrivedObject, context: StartContext): Promise<StartOutcome> {
  const action = object.key.startsWith('inbox/')
    ? await actionOfInbox(stores, object, context)
    : await actionOfUpload(stores.actions, object);
  if (typeof action === 'string') return action;
  if (hasEnded(action)) {
    await announceEnd(stores, action);
    return 'ended_before';
  }
  const problem = problemOf(action, object, context);
  if (problem) {
    await endAction(stores, action, 'failed', { problem });
    return 'refused';
  }
  if (isAhead(action)) {
    await keepForStart(stores.actions, action, context.deadlineSeconds);
    return 'scheduled';
  }
  await startExecution(stores, action, context.deadlineSeconds);
  return 'started';
}

/** True while the action's time has not come. */
export function isAhead({ waitingFor, startAt }: Pick<BulkAction, 'waitingFor' | 'startAt'>): boolean {
  return waitingFor === 'start' && startAt !== undefined && new Date().toISOString() < startAt;
}

/** The sheet is there: the action's own time counts from its start on, and not any more that of the upload. */
async function keepForStart(actions: ActionStore, action: BulkAction, deadlineSeconds: number): Promise<void> {
  const deadlineAt = new Date(Date.parse(action.startAt as string) + deadlineSeconds * 1000).toISOString();
  await actions.record(action.accountId, action.actionId, { deadlineAt });
}

/** Starts, once, the execution of the action's current run and sets its deadline. Nothing starts that was cancelled. */
export async function startExecution(
  { actions, executions }: Pick<Stores, 'actions' | 'executions'>,
  action: BulkAction,
  deadlineSeconds: number,
): Promise<void> {
  const { accountId, actionId, run } = action;
  if (action.execution === undefined) {
    const deadlineAt = new Date(Date.now() + deadlineSeconds * 1000).toISOString();
    if (!(await actions.record(accountId, actionId, { deadlineAt }))) return;
  }
  const execution = await executions.start({ accountId, actionId, run });
  await actions.record(accountId, actionId, { execution });
}

/** `uploads/{accountId}/{actionId}/{fileName}`, or `scheduled/…`: the action was created by the API. */
async function actionOfUpload(actions: ActionStore, { key }: ArrivedObject): Promise<BulkAction | NoSheet> {
  const [, accountId, actionId] = key.split('/');
  if (!accountId || !actionId) return 'not_a_sheet';
  const action = await actions.find(accountId, actionId);
  return action?.source.key === key ? action : 'not_a_sheet';
}

/** `inbox/{accountId}/{referenceId}/{processName}/{fileName}`: the object itself makes the action, so its id follows from it. */
async function actionOfInbox(
  { actions, accounts }: Pick<Stores, 'actions' | 'accounts'>,
  object: ArrivedObject,
  context: StartContext,
): Promise<BulkAction | NoSheet> {
  const [, accountId, referenceId, processName, ...rest] = object.key.split('/');
  const fileName = rest.join('/');
  if (!accountIdSchema.safeParse(accountId).success || !referenceIdSchema.safeParse(referenceId).success)
    return 'not_a_sheet';
  if (!processName || fileName === '') return 'not_a_sheet';
  // Else whoever makes an account of that id some day would find the rows of others in it.
  if (!(await accounts.find(accountId as string))) return 'unknown_account';
  const actionId = derivedUuid('inbox', object.key, object.etag);
  const now = new Date();
  const process = context.processOf(processName);
  await actions.create({
    accountId: accountId as string,
    actionId,
    referenceId: referenceId as string,
    processName,
    action: process?.action ?? 'insert',
    status: 'pending',
    source: { kind: 'inbox', key: object.key, fileName, size: object.size, ...(object.etag && { etag: object.etag }) },
    onInvalidRow: process?.onInvalidRow ?? 'reject',
    ...(process?.rowScope && { rowScope: process.rowScope }),
    run: 0,
    counts: noCounts,
    revived: { rows: 0, created: 0, failed: 0 },
    batches: { total: 0, done: 0 },
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    deadlineAt: new Date(now.getTime() + context.deadlineSeconds * 1000).toISOString(),
    warnings: [],
  });
  return (await actions.find(accountId as string, actionId)) ?? 'not_a_sheet';
}

/** Why a sheet is refused before a byte of it is read. */
function problemOf(action: BulkAction, { size }: ArrivedObject, context: StartContext) {
  if (context.processOf(action.processName) === undefined) {
    return {
      code: 'unknown_process',
      detail: `There is no process ${action.processName}. GET /api/processes lists those there are; the inbox path is inbox/{accountId}/{referenceId}/{processName}/{fileName}.`,
    };
  }
  if (size > context.maxUploadBytes) {
    return {
      code: 'upload_too_large',
      detail: `The sheet has ${size} bytes; at most ${context.maxUploadBytes} are read. Split it.`,
    };
  }
  if (size !== action.source.size) {
    return {
      code: 'upload_size_mismatch',
      detail: `${action.source.size} bytes were announced and ${size} arrived. Submit the sheet again.`,
    };
  }
  return undefined;
}
