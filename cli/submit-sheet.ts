import type { ApiClient } from './api-client.ts';
import type { CreateBulkAction, CreatedBulkAction } from './api-types.ts';
import { type ColumnValues, columnOptions, readColumns } from './column-options.ts';
import { CliError, exitCodes, InterruptedError } from './errors.ts';
import { describeUpload, ProgressDisplay } from './progress.ts';
import { readTime } from './read-time.ts';
import type { SheetFile } from './sheet-file.ts';
import { note } from './terminal.ts';
import { uploadSheet } from './upload-sheet.ts';

/** What to do with a sheet; the service's own words. */
export type Submission = Pick<
  CreateBulkAction,
  'processName' | 'referenceId' | 'onInvalidRow' | 'sheetName' | 'columns' | 'clearEmpty' | 'dryRun' | 'startAt'
>;

/** Creates the action and uploads the sheet; the service starts by itself once the sheet has arrived. */
export async function submitSheet(
  api: ApiClient,
  sheet: SheetFile,
  submission: Submission,
  interrupted: AbortSignal,
): Promise<string> {
  const display = new ProgressDisplay();
  const onProgress = (sent: number) => display.show('uploading', describeUpload(sent, sheet.size));
  let created: CreatedBulkAction | undefined;
  try {
    const body = { ...submission, fileName: sheet.name, size: sheet.size } satisfies CreateBulkAction;
    created = await api.post<CreatedBulkAction>('/api/bulk-actions', body, { signal: interrupted });
    if (!created.upload) throw new CliError('the service gave no address to upload the sheet to', exitCodes.failed);
    onProgress(0);
    await uploadSheet(api, created.upload, sheet, { signal: interrupted, onProgress });
    return created.actionId;
  } catch (error) {
    display.clear();
    if (created) await withdraw(api, created.actionId);
    if (!interrupted.aborted) throw error;
    throw new InterruptedError('the upload was stopped', 'Nothing was created. Run it again when you are ready.');
  } finally {
    display.clear();
  }
}

const withdrawalTimeoutMs = 10_000;

/** Ends an action whose sheet will not come: as long as it waits for it, the reference and process are taken. */
async function withdraw(api: ApiClient, actionId: string): Promise<void> {
  try {
    await api.post(`/api/bulk-actions/${actionId}/cancel`, {}, { signal: AbortSignal.timeout(withdrawalTimeoutMs) });
  } catch (error) {
    // What went wrong with the upload is the error to end with; this is what it leaves to do.
    note(`The action of this upload could not be cancelled: ${(error as Error).message}
Cancel it before you run the sheet again: rollcall cancel ${actionId}`);
  }
}

/** The options of the commands that submit a sheet. */
export const submissionOptions = {
  process: { type: 'string', value: 'PROCESS', required: true, help: 'What the rows are; see `rollcall processes`.' },
  reference: {
    type: 'string',
    value: 'REFERENCE',
    required: true,
    help: 'What the sheet belongs to, e.g. a campaign.',
  },
  'on-invalid': {
    type: 'string',
    choices: ['reject', 'skip'],
    help: "reject: one invalid row and nothing is created. skip: the valid rows are. Default: the process's policy.",
  },
  ...columnOptions,
  'clear-empty': { type: 'boolean', help: 'An empty cell clears its field; else it leaves the field as it is.' },
  'dry-run': { type: 'boolean', help: 'Run everything but the writes to entities, and report what would be.' },
  'start-at': { type: 'string', value: 'TIME', help: 'Start then, e.g. 2026-09-01T06:00:00Z; default: at once.' },
} as const;

export interface SubmissionValues extends ColumnValues {
  readonly process: string;
  readonly reference: string;
  readonly 'on-invalid'?: string;
  readonly 'clear-empty'?: boolean;
  readonly 'dry-run'?: boolean;
  readonly 'start-at'?: string;
}

/** The options in the service's words. Throws UnusableError for a mapping or a time that can't be read. */
export async function readSubmission(values: SubmissionValues): Promise<Submission> {
  return {
    processName: values.process,
    referenceId: values.reference,
    // The parser has checked it against the choices.
    onInvalidRow: values['on-invalid'] as Submission['onInvalidRow'],
    sheetName: values.sheet,
    columns: await readColumns(values),
    clearEmpty: values['clear-empty'],
    dryRun: values['dry-run'],
    startAt: readTime('start-at', values['start-at']),
  };
}
