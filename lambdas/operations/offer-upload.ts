import type { ActionSource, BulkAction } from '../model/action.ts';
import type { Upload } from '../model/api.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';

export interface UploadLimits {
  /** Sheets above this many bytes go in parts. */
  readonly singleUploadBytes: number;
  readonly uploadPartBytes: number;
  readonly uploadExpirySeconds: number;
}

type UploadSource = Extract<ActionSource, { kind: 'upload' }>;

interface Stores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
}

/** The answer with their addresses has to stay far below the 6 MB that Lambda lets out. */
const offeredParts = 1_000;

/** Where the action's sheet may be uploaded: one form for a small sheet, an address for each part of a large one. */
export async function offerUpload(stores: Stores, action: BulkAction, limits: UploadLimits): Promise<Upload> {
  const expiresAt = new Date(Date.now() + limits.uploadExpirySeconds * 1000).toISOString();
  const source = action.source as UploadSource;
  if (source.size <= limits.singleUploadBytes) {
    const form = await stores.bucket.presignPost(source.key, source.size, limits.uploadExpirySeconds);
    return { kind: 'post', ...form, expiresAt };
  }
  const partBytes = source.partBytes ?? Math.max(limits.uploadPartBytes, Math.ceil(source.size / offeredParts));
  const uploadId = source.uploadId ?? (await startUpload(stores, action, { ...source, partBytes }));
  const parts = await presignParts(stores.bucket, { ...source, uploadId, partBytes }, limits.uploadExpirySeconds);
  const completeUrl = `/api/bulk-actions/${action.actionId}/upload/complete`;
  return { kind: 'parts', partBytes, parts, completeUrl, expiresAt };
}

/** Starts the upload in parts and notes it with the action, which completes it later. */
async function startUpload({ actions, bucket }: Stores, action: BulkAction, source: UploadSource): Promise<string> {
  const uploadId = await bucket.startMultipart(source.key);
  await actions.record(action.accountId, action.actionId, { source: { ...source, uploadId } });
  return uploadId;
}

function presignParts(
  bucket: SheetBucket,
  { key, size, uploadId, partBytes }: UploadSource & { uploadId: string; partBytes: number },
  expirySeconds: number,
) {
  return Promise.all(
    partNumbers(size, partBytes).map(async (partNumber) => {
      const bytes = Math.min(partBytes, size - (partNumber - 1) * partBytes);
      return { partNumber, url: await bucket.presignPart(key, uploadId, partNumber, bytes, expirySeconds) };
    }),
  );
}

/** The numbers of the parts in which `size` bytes come, from 1 on. */
export function partNumbers(size: number, partBytes: number): number[] {
  return Array.from({ length: Math.ceil(size / partBytes) }, (_, index) => index + 1);
}
