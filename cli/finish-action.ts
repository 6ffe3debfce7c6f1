import { parse } from 'node:path';
import type { ApiClient } from './api-client.ts';
import type { BulkActionView } from './api-types.ts';
import type { Session } from './command.ts';
import { defaultDirectory, downloadReport } from './download-report.ts';
import { type ExitCode, exitCodes } from './errors.ts';
import { noteError } from './note-error.ts';
import { ProblemAnswerError } from './problem.ts';
import { ProgressDisplay } from './progress.ts';
import { firstFindings } from './row-findings.ts';
import { inOrder, summarize } from './summary.ts';
import { bold, print } from './terminal.ts';
import { isUnusableSheet } from './unusable-sheet.ts';
import { watchAction } from './watch-action.ts';

export interface FinishOptions {
  readonly out?: string;
  readonly json?: boolean;
}

/** Watches the action to its end, downloads its report, says what became of the rows. */
export async function finishAction(
  session: Session,
  api: ApiClient,
  actionId: string,
  { out, json }: FinishOptions,
): Promise<ExitCode> {
  const action = await watchAction(api, actionId, new ProgressDisplay(), session.interrupted);
  const place = { directory: out ?? defaultDirectory(actionId), baseName: baseName(action) };
  const paths = await reportIfAny(() => downloadReport(api, actionId, place, session.interrupted));
  if (json) print(jsonLine(action, paths ?? []));
  else await printSummary(api, action, paths ?? [], session.interrupted);
  const exitCode = exitCodeOf(action);
  return paths === undefined && exitCode === exitCodes.completed ? exitCodes.failed : exitCode;
}

/**
 * The paths of the report; undefined, with the service's reason on standard error, where there is none. What became of the
 * action is known all the same, and has to be told.
 */
async function reportIfAny(download: () => Promise<string[]>): Promise<string[] | undefined> {
  try {
    return await download();
  } catch (error) {
    const isMissing = error instanceof ProblemAnswerError && missingCodes.some((code) => code === error.code);
    if (!isMissing) throw error;
    noteError(error);
    return undefined;
  }
}

const missingCodes = ['not_found', 'no_longer_kept'] as const;

/** What the documents' names begin with: the sheet's own name. */
export function baseName({ source }: BulkActionView): string {
  return parse(source.fileName).name;
}

/** The one line for programs. `mapping` is null where the action had nothing to map to boundaries. */
export function jsonLine({ actionId, status, counts, mapping }: BulkActionView, report: readonly string[]): string {
  return JSON.stringify({ actionId, status, counts: inOrder(counts), mapping: mapping ?? null, report });
}

export async function printSummary(
  api: ApiClient,
  action: BulkActionView,
  paths: readonly string[],
  interrupted: AbortSignal,
): Promise<void> {
  const findings = await firstFindings(api, action, interrupted);
  for (const line of summarize(action, findings)) print(line);
  printPaths(paths);
}

export function printPaths(paths: readonly string[]): void {
  if (paths.length === 0) return;
  print(`\n${bold('Report')}`);
  for (const path of paths) print(`  ${path}`);
}

export function exitCodeOf(action: BulkActionView): ExitCode {
  if (action.status === 'completed') return exitCodes.completed;
  return isUnusableSheet(action) ? exitCodes.unusable : exitCodes.failed;
}
