import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { ApiClient } from './api-client.ts';
import type { Report } from './api-types.ts';
import { CliError, exitCodes, UnusableError } from './errors.ts';
import { describeNetworkError } from './network-error.ts';
import { retrying, type Transient } from './retry.ts';

const documents = ['report', 'failed', 'revived', 'summary'] as const satisfies (keyof Report)[];
const downloadTimeoutMs = 600_000;

/** Where the documents go, and what their names begin with: `facilities.report.xlsx`, `facilities.failed.csv` … */
export interface ReportPlace {
  readonly directory: string;
  readonly baseName: string;
}

/** Where an action's report goes unless the caller says otherwise. */
export function defaultDirectory(actionId: string): string {
  return join('rollcall-report', actionId);
}

/** Fetches what the action's report consists of; answers with the absolute paths. A file is whole or not there. */
export async function downloadReport(
  api: ApiClient,
  actionId: string,
  place: ReportPlace,
  interrupted: AbortSignal,
): Promise<string[]> {
  const report = await api.get<Report>(
    `/api/bulk-actions/${encodeURIComponent(actionId)}/report`,
    {},
    {
      signal: interrupted,
    },
  );
  await makeReportDirectory(place.directory);
  const paths: string[] = [];
  for (const document of documents) {
    const url = report[document];
    if (url === undefined) continue;
    const path = resolve(place.directory, `${place.baseName}.${document}${extname(new URL(url).pathname)}`);
    await retrying({ attempts: 4, signal: interrupted }, () => download(url, path, interrupted));
    paths.push(path);
  }
  return paths;
}

export async function makeReportDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UnusableError(`cannot write the report to ${directory} (${code})`, 'Name another place with --out DIR.', {
      cause: error,
    });
  }
}

async function download(url: string, path: string, interrupted: AbortSignal): Promise<void> {
  const partial = `${path}.partial`;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([interrupted, AbortSignal.timeout(downloadTimeoutMs)]),
    });
    if (!response.ok || !response.body) throw new DownloadError(`HTTP ${response.status}`, response.status >= 500);
    await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(partial));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    if (interrupted.aborted || error instanceof DownloadError || isDiskError(error)) throw error;
    throw new DownloadError(describeNetworkError(error), true, error);
  }
}

/** Errors of the file system name the system call that failed. */
function isDiskError(error: unknown): boolean {
  return ['open', 'write', 'rename'].includes((error as NodeJS.ErrnoException).syscall ?? '');
}

class DownloadError extends CliError {
  readonly transient: Transient | undefined;

  constructor(reason: string, transient: boolean, cause?: unknown) {
    super(
      `the report could not be downloaded: ${reason}`,
      exitCodes.failed,
      'Fetch it again: rollcall report ACTION.',
      {
        cause,
      },
    );
    this.transient = transient ? {} : undefined;
  }
}
