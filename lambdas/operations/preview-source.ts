import { randomUUID } from 'node:crypto';
import type { Caller } from '../model/account.ts';
import type { BulkAction } from '../model/action.ts';
import type { CreatePreview, OfferedPreview } from '../model/api/previews.ts';
import { ProblemError } from '../model/problem.ts';
import type { SheetSource } from '../sheets/sheet.ts';
import { sourceOf } from '../sheets/sheet-sample.ts';
import type { ActionStore } from '../store/action-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { recordLines } from './submitted-sheet.ts';

export interface PreviewStores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
}

export interface PreviewLimits {
  readonly previewUploadBytes: number;
  readonly uploadExpirySeconds: number;
}

/** The bytes to look at, and whether they are only the beginning of the sheet. */
export interface PreviewSource {
  readonly bytes: SheetSource;
  readonly cut: boolean;
  /** The action whose sheet it is. */
  readonly action?: BulkAction;
}

/** Where a sheet may be uploaded to be looked at. Nothing is noted: the object is all there is, for a day. */
export async function offerPreview(
  bucket: SheetBucket,
  { accountId }: Caller,
  size: number,
  { previewUploadBytes, uploadExpirySeconds }: PreviewLimits,
): Promise<OfferedPreview> {
  if (size > previewUploadBytes) {
    const detail = `The sheet has ${size} bytes; at most ${previewUploadBytes} can be uploaded for a preview. Send its beginning as \`sample\`.`;
    throw new ProblemError('payload_too_large', detail, { limitBytes: previewUploadBytes });
  }
  const previewId = randomUUID();
  const form = await bucket.presignPost(sheetKeys.preview(accountId, previewId), size, uploadExpirySeconds);
  const expiresAt = new Date(Date.now() + uploadExpirySeconds * 1_000).toISOString();
  return { previewId, upload: { kind: 'post', ...form, expiresAt } };
}

/**
 * The bytes that a request means.
 * @throws ProblemError `not_found` for an upload or action that is not there, `illegal_transition` for an action whose
 * sheet has not come.
 */
export async function findSource(stores: PreviewStores, caller: Caller, body: CreatePreview): Promise<PreviewSource> {
  const { records, sample, size, previewId, actionId } = body;
  if (records) return { bytes: sourceOf(Buffer.from(recordLines(records))), cut: false };
  if (sample !== undefined) return sampleOf(sample, size);
  if (previewId !== undefined) return uploadedSource(stores.bucket, caller, previewId);
  return actionSource(stores, caller, actionId as string);
}

function sampleOf(sample: string, size = 0): PreviewSource {
  const bytes = Buffer.from(sample, 'base64');
  return { bytes: sourceOf(bytes), cut: bytes.length < size };
}

async function uploadedSource(bucket: SheetBucket, { accountId }: Caller, previewId: string): Promise<PreviewSource> {
  const key = sheetKeys.preview(accountId, previewId);
  const found = await bucket.head(key);
  if (found) return { bytes: bucket.source(key, found.size), cut: false };
  throw new ProblemError('not_found', 'No sheet has been uploaded for this preview, or its day is over.');
}

async function actionSource(
  { actions, bucket }: PreviewStores,
  { accountId }: Caller,
  actionId: string,
): Promise<PreviewSource> {
  const action = await actions.get(accountId, actionId);
  const { key } = action.source;
  const found = await bucket.head(key);
  if (found) return { bytes: bucket.source(key, found.size), cut: false, action };
  const detail = 'The sheet of the action has not arrived, or is no longer kept.';
  throw new ProblemError('illegal_transition', detail, { actionStatus: action.status });
}
