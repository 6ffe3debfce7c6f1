import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { BulkAction } from '../model/action.ts';
import { CodeCounts } from '../model/code-counts.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { reportColumns } from '../model/report-columns.ts';
import type { RowError } from '../model/row.ts';
import { type SettledRow, type StagedRow, sheetChunkName } from '../model/staged-row.ts';
import type { ExecutionInput } from '../model/steps.ts';
import { createSheetWriter } from '../sheets/create-sheet-writer.ts';
import { evenCells } from '../sheets/record-shape.ts';
import type { SheetFormat } from '../sheets/sheet.ts';
import { headersMayGrow } from '../sheets/sheet-format.ts';
import type { JsonOrigin, SheetWriter } from '../sheets/sheet-writer.ts';
import type { ActionStore } from '../store/action-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { reportNames } from './report-names.ts';
import { readRevived } from './revive-rows.ts';
import { writeSummary } from './write-summary.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
}

const rowsAtATime = 1_000;

const contentTypes: Record<SheetFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  tsv: 'text/tab-separated-values; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
};

/**
 * Writes the report in the sheet's own format (every input row once, in input order, with its answer), the invalid and
 * failed rows as `failed.csv` that uploads again as it is, the rows of earlier sheets as `revived.csv`, and a summary.
 */
export async function writeReport(
  { actions, bucket }: Stores,
  { accountId, actionId }: ExecutionInput,
  process: (name: string) => ProcessDefinition | undefined,
): Promise<void> {
  const action = await actions.get(accountId, actionId);
  const codes = new CodeCounts();
  if (action.sheet && action.sheet.chunks > 0) await writeSheets(bucket, action, codes);
  await writeRevived(bucket, action, process(action.processName));
  await writeSummary(bucket, action, process(action.processName)?.onFailedRow ?? 'fail', codes);
}

async function writeSheets(bucket: SheetBucket, action: BulkAction, codes: CodeCounts): Promise<void> {
  const sheet = action.sheet as NonNullable<BulkAction['sheet']>;
  const headers = [...sheet.headers, ...Object.values(reportColumns)];
  const report = openReport(bucket, action.actionId, reportNames.report(sheet.format), {
    format: sheet.format,
    headers,
    ...(sheet.delimiter !== undefined && { delimiter: sheet.delimiter }),
    ...(sheet.sheetName !== undefined && { sheetName: sheet.sheetName }),
  });
  const failures = hasRowsToMend(action)
    ? openReport(bucket, action.actionId, reportNames.failed, {
        format: 'csv',
        headers: headersMayGrow(sheet.format) ? distinctHeaders(headers) : headers,
      })
    : undefined;
  for (let index = 0; index < sheet.chunks; index++) {
    for await (const [staged, settled] of answeredRows(bucket, action.actionId, sheetChunkName(index))) {
      const line = [...evenCells(staged.cells ?? [], sheet.headers.length), ...answerCells(settled)];
      await report.writer.write(line, originOf(staged, sheet.headers.length));
      codes.add(settled.errors ?? []);
      if (failures && needsWork(settled)) await failures.writer.write(line);
    }
  }
  await report.end();
  await failures?.end();
}

/** Keys of JSON may be empty, or differ in their white space alone; headers of delimited text may not. */
function distinctHeaders(headers: readonly string[]): string[] {
  const taken = new Set<string>();
  return headers.map((header) => {
    const name = header.trim() === '' ? '(no name)' : header;
    let distinct = name;
    for (let nth = 2; taken.has(distinct.trim()); nth++) distinct = `${name.trim()} (${nth})`;
    taken.add(distinct.trim());
    return distinct;
  });
}

function originOf({ element }: StagedRow, cells: number): JsonOrigin | undefined {
  return element === undefined ? undefined : { element, cells };
}

/** Whether there is anything to correct or to bring again, that is, a `failed.csv`. */
export function hasRowsToMend({ counts }: Pick<BulkAction, 'counts'>): boolean {
  return toMend.some((answer) => counts[answer] > 0);
}

/** Rows to correct or to bring again. */
function needsWork({ answer }: SettledRow): boolean {
  return toMend.some((one) => one === answer);
}

const toMend = ['invalid', 'failed', 'unprocessed', 'cancelled'] as const;

async function writeRevived(
  bucket: SheetBucket,
  action: BulkAction,
  process: ProcessDefinition | undefined,
): Promise<void> {
  const chunks = (await readRevived(bucket, action)) ?? [];
  if (chunks.length === 0 || !process) return;
  const columns = Object.keys(process.row.shape);
  const revived = openReport(bucket, action.actionId, reportNames.revived, {
    format: 'csv',
    headers: [...columns, ...Object.values(reportColumns)],
  });
  for (const { chunk } of chunks) {
    for await (const [staged, settled] of answeredRows(bucket, action.actionId, chunk)) {
      await revived.writer.write([...columns.map((column) => cellOf(staged.data?.[column])), ...answerCells(settled)]);
    }
  }
  await revived.end();
}

/** A chunk's rows with their answers; both lie in the same order. */
async function* answeredRows(
  bucket: SheetBucket,
  actionId: string,
  chunk: string,
): AsyncGenerator<[StagedRow, SettledRow]> {
  const answers = each(bucket.readLines<SettledRow>(sheetKeys.results(actionId, chunk), rowsAtATime));
  for await (const row of each(bucket.readLines<StagedRow>(sheetKeys.chunk(actionId, chunk), rowsAtATime))) {
    const answer = (await answers.next()).value as SettledRow | undefined;
    if (answer?.rowNumber !== row.rowNumber) throw new Error(`Chunk ${chunk} lacks the answer of row ${row.rowNumber}`);
    yield [row, answer];
  }
}

/** The items of groups of any size. */
async function* each<Item>(groups: AsyncIterable<readonly Item[]>): AsyncGenerator<Item> {
  for await (const group of groups) yield* group;
}

function answerCells({ answer, errors, entityId }: SettledRow): [string, string, string] {
  return [answer, errorDetails(errors ?? []), entityId ?? ''];
}

/** A spreadsheet shows no more than 32,767 characters of a cell. */
const longestDetails = 30_000;

function errorDetails(errors: readonly RowError[]): string {
  let details = '';
  for (const [index, error] of errors.entries()) {
    const longer = index === 0 ? errorText(error) : `${details}; ${errorText(error)}`;
    if (longer.length > longestDetails) return `${details}; and ${errors.length - index} more`;
    details = longer;
  }
  return details;
}

function errorText({ column, message }: RowError): string {
  return column === undefined ? message : `${column}: ${message}`;
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}

interface OpenReport {
  readonly writer: SheetWriter;
  end(): Promise<void>;
}

/** A sheet that is uploaded while it is written. */
function openReport(
  bucket: SheetBucket,
  actionId: string,
  name: string,
  sheet: Omit<Parameters<typeof createSheetWriter>[0], 'output'>,
): OpenReport {
  const output = new PassThrough({ highWaterMark: 1024 ** 2 });
  const uploaded = bucket.putStream(sheetKeys.report(actionId, name), output, contentTypes[sheet.format]);
  // A failed upload ends the stream, so that a writer waiting for it to drain wakes up and meets the error.
  uploaded.catch((error) => output.destroy(error));
  const writer = createSheetWriter({ ...sheet, output });
  return {
    writer,
    end: async () => {
      await writer.end();
      if (!output.writableEnded) output.end();
      if (!output.writableFinished && !output.destroyed) await once(output, 'finish');
      await uploaded;
    },
  };
}
