import { randomUUID } from 'node:crypto';
import type { Caller } from '../model/account.ts';
import { type ActionSource, type BulkAction, noCounts } from '../model/action.ts';
import type { CreateBulkAction, Upload } from '../model/api.ts';
import { digestOf } from '../model/identity.ts';
import { invalidRequest, receivedText } from '../model/invalid-request.ts';
import { ProblemError } from '../model/problem.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { AccountLimits, QuotaState } from '../model/quota.ts';
import { longestWaitDays } from '../model/settings.ts';
import { claimAlsoFromEnded } from '../steps/claim-reference.ts';
import { isAhead } from '../steps/start-action.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { IdempotencyStore } from '../store/idempotency-store.ts';
import type { QuotaStore } from '../store/quota-store.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { RecordCharge } from './charge-records.ts';
import { checkChange } from './check-change.ts';
import { checkColumns } from './check-columns.ts';
import { offerUpload, type UploadLimits } from './offer-upload.ts';
import { recordLines, submittedRecords, uploadName } from './submitted-sheet.ts';

export interface CreateStores {
  readonly actions: ActionStore;
  readonly references: ReferenceStore;
  readonly idempotency: IdempotencyStore;
  readonly bucket: SheetBucket;
  readonly quotas: QuotaStore;
  /** Has the action started at its `startAt`; once, however often asked. */
  readonly scheduleStart: (action: BulkAction) => Promise<void>;
}

export interface SubmitLimits extends UploadLimits {
  readonly maxUploadBytes: number;
  readonly maxInlineRecords: number;
  /** How long an Idempotency-Key is remembered. */
  readonly idempotencyDays: number;
}

/** What somebody submits, and under which Idempotency-Key. */
export interface Submission {
  readonly caller: Caller;
  /** What the caller's account may do. */
  readonly accountLimits: AccountLimits;
  readonly body: CreateBulkAction;
  readonly process: ProcessDefinition;
  readonly idempotencyKey?: string | undefined;
}

export interface CreatedAction {
  readonly action: BulkAction;
  /** Where the sheet is to be uploaded; absent for records, and for an action whose sheet has come. */
  readonly upload?: Upload;
  /** Quotas of which was taken. */
  readonly quotas?: readonly QuotaState[];
}

/**
 * Creates a bulk action and takes its reference and process for it, unless it is to start later. The same submission under one Idempotency-Key is
 * one action however often it comes, also when an earlier attempt was cut off midway: this one then finishes it.
 */
export async function createBulkAction(
  stores: CreateStores,
  submission: Submission,
  limits: SubmitLimits,
): Promise<CreatedAction> {
  refuseTooLarge(submission.body, limits);
  checkColumns(submission.process, submission.body.columns);
  checkChange(submission.process, submission.body);
  const actionId = await actionIdFor(stores.idempotency, submission, limits);
  const records = submittedRecords(submission.body);
  const charge = new RecordCharge(stores.quotas, submission, records?.length ?? 0);
  const action = await findOrCreate(stores, newAction(actionId, submission, limits), submission, charge);
  if (isAhead(action)) await stores.scheduleStart(action);
  if (action.status !== 'pending' || action.execution !== undefined) return { action };
  if (!records) return { action, upload: await offerUpload(stores, action, limits) };
  await stores.bucket.put(action.source.key, recordLines(records), 'application/x-ndjson');
  return { action, quotas: charge.quotas };
}

function refuseTooLarge(
  { size, records, entityIds }: CreateBulkAction,
  { maxUploadBytes, maxInlineRecords }: SubmitLimits,
): void {
  if (size !== undefined && size > maxUploadBytes) {
    const detail = `The sheet has ${size} bytes; at most ${maxUploadBytes} are accepted. Split it.`;
    throw new ProblemError('payload_too_large', detail, { limitBytes: maxUploadBytes });
  }
  const count = (records ?? entityIds ?? []).length;
  if (count > maxInlineRecords) {
    const detail = `The request has ${count} records; at most ${maxInlineRecords} are accepted. Upload them as a file.`;
    throw new ProblemError('payload_too_large', detail, { limitRecords: maxInlineRecords });
  }
}

/** A new id, or the one that an earlier request with this Idempotency-Key was given. */
async function actionIdFor(
  idempotency: IdempotencyStore,
  { caller, body, idempotencyKey }: Submission,
  { idempotencyDays }: SubmitLimits,
): Promise<string> {
  const actionId = randomUUID();
  if (idempotencyKey === undefined) return actionId;
  const record = { digest: digestOf(JSON.stringify(body)), actionId };
  const kept = await idempotency.claim(caller.accountId, idempotencyKey, record, idempotencyDays);
  if (kept.digest === record.digest) return kept.actionId;
  const detail = 'This Idempotency-Key came with another request before. Use a new key for a new request.';
  throw new ProblemError('idempotency_conflict', detail, { actionId: kept.actionId });
}

async function findOrCreate(
  stores: CreateStores,
  action: BulkAction,
  { idempotencyKey }: Submission,
  charge: RecordCharge,
): Promise<BulkAction> {
  const { actions, idempotency } = stores;
  const { accountId, actionId } = action;
  const existing = idempotencyKey === undefined ? undefined : await actions.find(accountId, actionId);
  if (existing) return existing;
  try {
    refuseUnlessAhead(action);
    await charge.make();
    const { charged } = charge;
    await claim(stores, { ...action, ...(charged && { charged }) });
    return action;
  } catch (error) {
    // A twin of this request may have created it in the meantime.
    const twin = await actions.find(accountId, actionId);
    await charge.giveBackUnlessOf(twin);
    if (twin) return twin;
    // Nothing came of the request, so its key is free for a corrected one.
    if (idempotencyKey !== undefined) await idempotency.forget(accountId, idempotencyKey);
    throw error;
  }
}

/**
 * Creates the action with its claim, if need be in place of one that ended without giving its claim back. One that starts
 * later claims nothing before: its reference is not to be blocked meanwhile, and then it waits its turn.
 */
async function claim({ actions, references }: CreateStores, action: BulkAction): Promise<void> {
  if (action.startAt !== undefined) {
    await actions.create(action);
    return;
  }
  await claimAlsoFromEnded({ actions, references }, action, () => actions.createClaiming(action, references));
}

function refuseUnlessAhead({ startAt }: BulkAction): void {
  if (startAt === undefined) return;
  const days = (Date.parse(startAt) - Date.now()) / 86_400_000;
  if (days > 0 && days <= longestWaitDays) return;
  const expected = `a time to come, at most ${longestWaitDays} days from now`;
  throw invalidRequest([{ in: 'body', path: 'startAt', expected, received: receivedText(startAt) }]);
}

function newAction(
  actionId: string,
  { caller: { accountId }, body, process }: Submission,
  { uploadExpirySeconds }: SubmitLimits,
): BulkAction {
  const now = new Date();
  return {
    accountId,
    actionId,
    referenceId: body.referenceId,
    processName: process.name,
    action: process.action,
    status: 'pending',
    source: sourceOf(accountId, actionId, body),
    onInvalidRow: body.onInvalidRow ?? process.onInvalidRow,
    ...(process.rowScope && { rowScope: process.rowScope }),
    ...(body.dryRun && { dryRun: true }),
    ...(body.clearEmpty && { clearEmpty: true }),
    ...(body.sheetName !== undefined && { sheetName: body.sheetName }),
    ...(body.columns && { columns: body.columns }),
    ...(body.startAt !== undefined && { startAt: body.startAt, waitingFor: 'start' as const }),
    run: 0,
    counts: noCounts,
    revived: { rows: 0, created: 0, failed: 0 },
    batches: { total: 0, done: 0 },
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    // Until its sheet has arrived; then its own time begins.
    deadlineAt: new Date(now.getTime() + uploadExpirySeconds * 1000).toISOString(),
    warnings: [],
  };
}

function sourceOf(accountId: string, actionId: string, body: CreateBulkAction): ActionSource {
  const { fileName, size } = body;
  const keyOf = body.startAt === undefined ? sheetKeys.upload : sheetKeys.scheduled;
  const records = submittedRecords(body);
  if (records) {
    const key = keyOf(accountId, actionId, 'records.ndjson');
    return { kind: 'records', key, fileName: 'records.ndjson', size: Buffer.byteLength(recordLines(records)) };
  }
  const name = fileName as string;
  return {
    kind: 'upload',
    key: keyOf(accountId, actionId, uploadName(name)),
    fileName: name,
    size: size as number,
  };
}
