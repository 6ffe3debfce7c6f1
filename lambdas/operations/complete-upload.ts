import type { z } from 'zod';
import type { Caller } from '../model/account.ts';
import type { ActionSource, BulkAction } from '../model/action.ts';
import type { completeUploadSchema } from '../model/api.ts';
import { ProblemError } from '../model/problem.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import { partNumbers } from './offer-upload.ts';

type UploadSource = Extract<ActionSource, { kind: 'upload' }>;
type UploadedParts = z.infer<typeof completeUploadSchema>['parts'];

interface Stores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
}

/** What S3 says when the parts are not what was uploaded, or there is no such upload any more. */
const refusals = new Set(['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'NoSuchUpload']);

/** So many missing parts are named at most. */
const partsTold = 100;

/**
 * Puts the uploaded parts together; the sheet's arrival then starts the action. Completing twice is harmless.
 * @throws ProblemError `illegal_transition` for an action that expects no parts, `upload_incomplete` for parts that are
 * not named or have not arrived.
 */
export async function completeUpload(
  { actions, bucket }: Stores,
  { accountId }: Caller,
  actionId: string,
  parts: UploadedParts,
): Promise<BulkAction> {
  const action = await actions.get(accountId, actionId);
  const source = uploadInParts(action);
  const { key, size, uploadId } = source;
  if ((await bucket.head(key))?.size === size) return action;
  if (action.status !== 'pending') {
    const detail = `The action is ${action.status}; it no longer waits for its sheet.`;
    throw new ProblemError('illegal_transition', detail, { actionStatus: action.status });
  }
  refuseUnlessAllNamed(source, parts);
  try {
    const inOrder = parts.toSorted((a, b) => a.partNumber - b.partNumber);
    await bucket.completeMultipart(key, uploadId, inOrder);
  } catch (error) {
    if (!(error instanceof Error && refusals.has(error.name))) throw error;
    const detail = 'Some parts have not arrived, or not with these ETags. Upload them again, then complete the upload.';
    throw new ProblemError('upload_incomplete', detail, { reason: error.name }, { cause: error });
  }
  return action;
}

/** The storage would put together whatever is named, and the upload would be spent on a sheet that lacks a part. */
function refuseUnlessAllNamed({ size, partBytes }: UploadSource, parts: UploadedParts): void {
  // An upload that was offered by an earlier version does not say.
  if (partBytes === undefined) return;
  const expected = partNumbers(size, partBytes);
  const named = new Set(parts.map(({ partNumber }) => partNumber));
  const missing = expected.filter((number) => !named.has(number));
  if (missing.length === 0 && parts.length === expected.length) return;
  const missingParts = missing.slice(0, partsTold);
  const others = missing.length > partsTold ? ', …' : '';
  const found =
    missing.length > 0 ? `${missing.length} missing: ${missingParts.join(', ')}${others}` : 'others, or some twice';
  const detail = `Expected the parts 1 to ${expected.length}, each once; found ${found}. Name all that were offered.`;
  throw new ProblemError('upload_incomplete', detail, { missingParts });
}

function uploadInParts({ source }: BulkAction): UploadSource & { uploadId: string } {
  if (source.kind === 'upload' && source.uploadId !== undefined) return { ...source, uploadId: source.uploadId };
  throw new ProblemError('illegal_transition', 'The action expects no upload in parts, so there is none to complete.');
}
