import type { ApiClient } from './api-client.ts';
import type { CreatedBulkAction, Upload } from './api-types.ts';
import { CliError, exitCodes, UnusableError } from './errors.ts';
import { describeNetworkError } from './network-error.ts';
import { retrying, type Transient } from './retry.ts';
import type { SheetFile } from './sheet-file.ts';

/** Parts under way at a time: enough to fill a line, few enough for a small machine. */
const partsAtATime = 4;
const attempts = 5;
/** A part of 8 MiB needs 14 kB/s to make it. */
const transferTimeoutMs = 600_000;

export interface UploadProgress {
  readonly signal: AbortSignal;
  onProgress(sentBytes: number): void;
}

/** Sends the sheet's bytes to the addresses that the service gave. The addresses never appear in messages. */
export async function uploadSheet(
  api: ApiClient,
  upload: Upload,
  sheet: SheetFile,
  progress: UploadProgress,
): Promise<void> {
  if (upload.kind === 'post') await postWhole(upload, sheet, progress);
  else await putParts(api, upload, sheet, progress);
}

async function postWhole(
  { url, fields }: Extract<Upload, { kind: 'post' }>,
  sheet: SheetFile,
  { signal, onProgress }: UploadProgress,
): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  // S3 ignores every field after `file`.
  form.set('file', sheet.content, sheet.name);
  await transfer(url, { method: 'POST', body: form }, sheet, signal);
  onProgress(sheet.size);
}

async function putParts(
  api: ApiClient,
  { parts, partBytes, completeUrl }: Extract<Upload, { kind: 'parts' }>,
  sheet: SheetFile,
  { signal, onProgress }: UploadProgress,
): Promise<void> {
  const confirmed: { partNumber: number; etag: string }[] = [];
  let sent = 0;
  // Shared by the workers: each takes the next part that nobody has taken.
  const waiting = parts.values();
  await together(partsAtATime, signal, async (stop) => {
    for (const { partNumber, url } of waiting) {
      const start = (partNumber - 1) * partBytes;
      const part = sheet.content.slice(start, start + partBytes);
      const response = await transfer(url, { method: 'PUT', body: part }, sheet, stop);
      confirmed.push({ partNumber, etag: etagOf(response) });
      sent += part.size;
      onProgress(sent);
    }
  });
  confirmed.sort((a, b) => a.partNumber - b.partNumber);
  await api.post<CreatedBulkAction>(completeUrl, { parts: confirmed }, { signal });
}

/** Runs `count` workers; the first that fails stops the others. */
async function together(count: number, signal: AbortSignal, worker: (stop: AbortSignal) => Promise<void>) {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  try {
    await Promise.all(Array.from({ length: count }, () => worker(stop)));
  } finally {
    failure.abort();
  }
}

function etagOf(response: Response): string {
  const etag = response.headers.get('etag');
  if (etag) return etag;
  throw new CliError('the storage took a part of the sheet but did not confirm it with an ETag', exitCodes.failed);
}

/** Sends one request to the storage, again after transient faults. */
async function transfer(url: string, init: RequestInit, sheet: SheetFile, signal: AbortSignal): Promise<Response> {
  return retrying({ attempts, signal }, async () => {
    const response = await send(url, init, sheet, signal);
    const answer = await response.text();
    if (response.ok) return response;
    throw new StorageRefusalError(response.status, /<Code>(\w+)<\/Code>/.exec(answer)?.[1]);
  });
}

async function send(url: string, init: RequestInit, sheet: SheetFile, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(transferTimeoutMs)]) });
  } catch (error) {
    if (signal.aborted) throw error;
    if (isUnreadable(error)) {
      throw new UnusableError(`${sheet.name} was changed or removed while it was being uploaded`, 'Run it again.');
    }
    throw new TransferError(error);
  }
}

/** A file-backed Blob refuses to be read once its file has changed. */
function isUnreadable(error: unknown): boolean {
  const cause = (error as Error).cause ?? error;
  return cause instanceof Error && cause.name === 'NotReadableError';
}

class TransferError extends CliError {
  readonly transient: Transient = {};

  constructor(cause: unknown) {
    super(`the upload did not get through: ${describeNetworkError(cause)}`, exitCodes.failed, 'Run it again.', {
      cause,
    });
  }
}

class StorageRefusalError extends CliError {
  readonly transient: Transient | undefined;

  constructor(status: number, code = `HTTP ${status}`) {
    super(
      `the storage refused the upload: ${refusals[code] ?? code}`,
      status >= 500 ? exitCodes.failed : exitCodes.unusable,
      'Run it again; an upload that did not arrive starts nothing.',
    );
    this.transient = status >= 500 || status === 429 ? {} : undefined;
  }
}

const refusals: Readonly<Record<string, string>> = {
  EntityTooLarge: 'the sheet is larger than was announced; was it changed meanwhile?',
  EntityTooSmall: 'the sheet is smaller than was announced; was it changed meanwhile?',
  AccessDenied: 'access denied; the permission to upload may have expired',
};
