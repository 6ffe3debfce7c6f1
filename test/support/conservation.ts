import { expect } from 'vitest';
import type { z } from 'zod';
import { type Counts, terminalStatuses } from '../../lambdas/model/action.ts';
import type { BulkActionView, rowListSchema } from '../../lambdas/model/api.ts';
import { type RowAnswer, rowAnswers } from '../../lambdas/model/row.ts';
import type { RollcallClient } from './client.ts';
import { fetchReport, type Report } from './report.ts';
import type { Sheet } from './sheet-files.ts';

type SettledRow = z.infer<typeof rowListSchema>['items'][number];

/** What became of an action, as its account can find out. */
export interface Outcome {
  readonly action: BulkActionView;
  readonly report: Report;
  readonly rows: readonly SettledRow[];
}

const answerColumns = ['#status#', '#errorDetails#', '#entityId#'];
const unsolved: readonly RowAnswer[] = ['invalid', 'failed', 'unprocessed', 'cancelled'];
const withEntity: readonly RowAnswer[] = ['created', 'updated', 'deleted', 'known'];
const rowsAPage = 400;

/**
 * Waits for the action's end and holds it to the promise that nothing gets lost: the counts add up, every input row
 * stands in the report once, in input order, with the answer that was counted, and all ways to ask agree.
 * @param sheet what went in; the report has its cells unless `reportCell` says how they changed
 */
export async function expectConserved(
  client: RollcallClient,
  actionId: string,
  sheet?: Sheet,
  reportCell: (cell: string) => string = (cell) => cell,
): Promise<Outcome> {
  const action = await client.ended(actionId);
  expect(terminalStatuses).toContain(action.status);
  const report = await fetchReport(client, actionId);
  const rows = await allRows(client, actionId);
  expectCountsAddUp(action.counts);
  if (sheet) expect(action.counts.rows).toBe(sheet.rows.length);
  expect(report.summary).toMatchObject({ actionId, status: action.status, counts: action.counts });
  expect(tally(rows.map(({ answer }) => answer))).toEqual(answered(action.counts));
  expectReportAgrees(report, rows, action);
  if (sheet && report.full) expectInput(report.full, sheet, reportCell);
  expect(report.revived?.rows.length ?? 0).toBe(action.revived.rows);
  return { action, report, rows };
}

function expectCountsAddUp({ rows, ...others }: Counts): void {
  expect(others.pending).toBe(0);
  expect(Object.values(others).reduce((sum, count) => sum + count, 0)).toBe(rows);
}

function expectReportAgrees(
  { full, failed }: Report,
  rows: readonly SettledRow[],
  { counts, dryRun }: Pick<BulkActionView, 'counts' | 'dryRun'>,
): void {
  expect(full !== undefined).toBe(counts.rows > 0);
  if (!full) return;
  expect(full.headers.slice(-3)).toEqual(answerColumns);
  expect(full.rows.map((row) => row.at(-3))).toEqual(rows.map(({ answer }) => answer));
  expect(full.rows.map((row) => row.at(-1))).toEqual(rows.map(({ entityId }) => entityId ?? ''));
  for (const [index, { answer, entityId, errors, rowNumber }] of rows.entries()) {
    expect(rowNumber).toBeGreaterThan(rows[index - 1]?.rowNumber ?? 0);
    // What a dry run would create has no id yet.
    expect(entityId !== undefined).toBe(withEntity.includes(answer) && !(dryRun && answer === 'created'));
    // Nothing silent: what is not created says why.
    expect(errors !== undefined && errors.length > 0).toBe(!withEntity.includes(answer));
    for (const { message } of errors ?? []) expect(full.rows[index]?.at(-2)).toContain(message);
  }
  const toCorrect = full.rows.filter((row) => unsolved.includes(row.at(-3) as RowAnswer));
  expect(failed?.rows.map(plain) ?? []).toEqual(toCorrect.map(plain));
}

function expectInput(report: Sheet, { headers, rows }: Sheet, reportCell: (cell: string) => string): void {
  const own = headers.flatMap((header, index) => (answerColumns.includes(header) ? [] : [index]));
  expect(report.headers.slice(0, -3)).toEqual(own.map((index) => headers[index]));
  expect(report.rows.map((row) => row.slice(0, -3))).toEqual(
    rows.map((row) => own.map((index) => reportCell(row[index] ?? ''))),
  );
}

/** Marks of a spreadsheet's text stand in CSV only, and the full report may be of another format. */
function plain(row: readonly string[]): string[] {
  return row.map((cell) => cell.replace(/^'+(?=[=+\-@\t\r])/, ''));
}

async function allRows(client: RollcallClient, actionId: string): Promise<SettledRow[]> {
  const rows: SettledRow[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(rowsAPage), ...(cursor !== undefined && { cursor }) });
    const page = await client.read<z.infer<typeof rowListSchema>>(`/api/bulk-actions/${actionId}/rows?${query}`);
    rows.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return rows;
}

/** The counts by answer, without those of which there are none. */
function answered(counts: Counts): Partial<Record<RowAnswer, number>> {
  return Object.fromEntries(rowAnswers.flatMap((answer) => (counts[answer] > 0 ? [[answer, counts[answer]]] : [])));
}

function tally(answers: readonly RowAnswer[]): Partial<Record<RowAnswer, number>> {
  const counted: Partial<Record<RowAnswer, number>> = {};
  for (const answer of answers) counted[answer] = (counted[answer] ?? 0) + 1;
  return counted;
}
