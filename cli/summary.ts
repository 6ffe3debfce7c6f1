import type { Counts } from '../lambdas/model/action.ts';
import type { BulkActionView } from './api-types.ts';
import { describeSheet } from './describe-sheet.ts';
import { bytes, duration, localTime, number, plural } from './format.ts';
import type { RowFinding } from './row-findings.ts';
import { standing } from './standing.ts';
import { table } from './table.ts';
import { bold, plain } from './terminal.ts';

/** What people want to know about an action, line by line. */
export function summarize(action: BulkActionView, findings: readonly RowFinding[]): string[] {
  return [
    ...identity(action),
    '',
    ...figures(action),
    ...mappings(action),
    ...problem(action),
    ...warnings(action),
    ...firstErrors(action, findings),
  ];
}

function identity(action: BulkActionView): string[] {
  const { actionId, processName, referenceId, undo } = action;
  return table(
    [{ title: 'action' }, { title: actionId }],
    [
      ['process', processName],
      ['reference', referenceId],
      ['status', `${standing(action)}${action.dryRun ? ' (dry run: nothing is written)' : ''}`],
      ['submitted', localTime(action.createdAt)],
      ['source', `${action.source.fileName}, ${bytes(action.source.size)}`],
      ...(action.sheet ? [['sheet', describeSheet(action.sheet)]] : []),
      ...(action.columns ? [['columns', describeColumns(action.columns)]] : []),
      ...(undo
        ? [['undo', `${undo.status}: ${undo.deleted} deleted, ${undo.restored} restored, ${undo.skipped} left`]]
        : []),
    ],
  );
}

/** `E-mail: email; Internal note: ignored`. */
function describeColumns(columns: NonNullable<BulkActionView['columns']>): string {
  return Object.entries(columns)
    .map(([header, column]) => `${header}: ${column ?? 'ignored'}`)
    .join('; ');
}

/** Good news first; objects come from the service in any order. */
const answers = [
  'created',
  'updated',
  'deleted',
  'known',
  'duplicate',
  'invalid',
  'failed',
  'unprocessed',
  'cancelled',
  'pending',
] as const satisfies (keyof Counts)[];

export function inOrder(counts: Counts): Partial<Counts> {
  return Object.fromEntries(['rows' as const, ...answers].map((name) => [name, counts[name]]));
}

/** The answers that occurred, and the total. */
function figures(action: BulkActionView): string[] {
  const { rows } = action.counts;
  const occurred = answers.filter((answer) => action.counts[answer] > 0);
  const lines = table(
    [
      { title: 'rows', align: 'left' },
      { title: number(rows), align: 'right' },
    ],
    occurred.map((answer) => [`  ${answer}`, number(action.counts[answer])]),
  );
  const { revived } = action;
  if (revived.rows > 0) {
    lines.push(
      `revived from earlier sheets: ${plural(revived.rows, 'row')}, ${number(revived.created)} created, ${number(revived.failed)} failed`,
    );
  }
  const took = timeTaken(action);
  if (took !== undefined) lines.push(`took ${duration(took)}${rate(rows, took)}`);
  return lines;
}

export const mappingTitles = {
  toBeMapped: 'to be mapped',
  mapped: 'mapped',
  toBeDetached: 'to be detached',
  detached: 'detached',
} as const;

/** How the boundary mappings of the reference and type stand. */
function mappings({ mapping, referenceId }: BulkActionView): string[] {
  if (!mapping) return [];
  const occurred = Object.entries(mappingTitles)
    .map(([status, title]) => [title, mapping[status as keyof typeof mappingTitles]] as const)
    .filter(([, count]) => count > 0);
  const total = occurred.reduce((sum, [, count]) => sum + count, 0);
  const lines = table(
    [
      { title: 'boundary mappings', align: 'left' },
      { title: number(total), align: 'right' },
    ],
    occurred.map(([title, count]) => [title, number(count)]),
  );
  if (mapping.failed > 0) {
    lines.push(`${number(mapping.failed)} were tried in vain: /api/references/${referenceId}/mappings says why`);
  }
  return ['', ...lines];
}

/** Seconds from the start to the end of an ended action. */
export function timeTaken({
  startedAt,
  finishedAt,
}: Pick<BulkActionView, 'startedAt' | 'finishedAt'>): number | undefined {
  return startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000 : undefined;
}

function rate(rows: number, seconds: number): string {
  return rows > 0 && seconds > 0 ? `, ${number(rows / seconds)} rows/s` : '';
}

function problem({ problem }: BulkActionView): string[] {
  if (!problem) return [];
  const { detail, items = [] } = problem;
  const further = items.filter((item) => !detail.includes(item));
  return ['', bold('Problem'), `  ${plain(detail)}`, ...further.map((item) => `  - ${plain(item)}`)];
}

function warnings({ warnings }: BulkActionView): string[] {
  if (warnings.length === 0) return [];
  return ['', bold('Warnings'), ...warnings.map((warning) => `  - ${plain(warning)}`)];
}

function firstErrors(action: BulkActionView, findings: readonly RowFinding[]): string[] {
  if (findings.length === 0) return [];
  return ['', bold('First errors'), ...describeFindings(action, findings).map((line) => `  ${line}`)];
}

/** The findings as a table, and how many more rows there are with some. */
export function describeFindings(
  { counts: { invalid, failed, unprocessed } }: BulkActionView,
  findings: readonly RowFinding[],
): string[] {
  if (findings.length === 0) return [];
  const lines = table(
    [
      { title: 'row', align: 'right' },
      { title: 'column', width: 24 },
      { title: 'value', width: 32 },
      { title: 'message' },
    ],
    findings.map(({ rowNumber, column, value, message }) => [String(rowNumber), column, value, message]),
    { indent: 2 },
  );
  const rest = invalid + failed + unprocessed - new Set(findings.map(({ rowNumber }) => rowNumber)).size;
  return rest > 0 ? [...lines, `… and ${plural(rest, 'more row')}; the report has them all.`] : lines;
}
