import type { PreviewView } from './api-types.ts';
import { describeSheet } from './describe-sheet.ts';
import { number, plural } from './format.ts';
import { table } from './table.ts';
import { bold, plain } from './terminal.ts';

/** Enough to see the pattern. */
const shownErrors = 10;

/** A preview as people read it, line by line. */
export function describePreview(preview: PreviewView): string[] {
  const { processName, sheet } = preview;
  return [
    ...(sheet ? [`${describeSheet(sheet)}, read as ${processName}`] : []),
    ...headers(preview),
    ...problem(preview),
    ...warnings(preview),
    ...figures(preview),
    ...firstErrors(preview),
  ];
}

function headers({ headers }: PreviewView): string[] {
  if (headers.length === 0) return [];
  const rows = headers.map(({ header, column, confidence, score, alternatives = [] }) => [
    header,
    column ?? '',
    confidence === 'similar' ? `similar ${score.toFixed(2)}` : confidence,
    alternatives.map((alternative) => alternative.column).join(' or '),
  ]);
  const open = rows.some((row) => row[3] !== '');
  const titles = [{ title: 'header', width: 40 }, { title: 'column' }, { title: 'confidence' }];
  return ['', ...table([...titles, ...(open ? [{ title: 'perhaps' }] : [])], rows)];
}

function problem({ problem }: PreviewView): string[] {
  return problem ? ['', bold('Problem'), `  ${plain(problem.detail)}`] : [];
}

function warnings({ warnings }: PreviewView): string[] {
  if (warnings.length === 0) return [];
  return ['', bold('Warnings'), ...warnings.map((warning) => `  - ${plain(warning)}`)];
}

function figures({ rows }: PreviewView): string[] {
  if (rows.read === 0) return [];
  const { read, complete } = rows;
  const found = (['valid', 'known', 'invalid', 'duplicate'] as const)
    .filter((answer) => rows[answer] > 0)
    .map((answer) => `${number(rows[answer])} ${answer}`);
  return ['', [`${complete ? 'all' : 'first'} ${plural(read, 'row')}`, ...found].join(', ')];
}

function firstErrors({ items }: PreviewView): string[] {
  const errors = items.flatMap(({ rowNumber, errors = [] }) =>
    errors.map(({ column = '', value = '', message }) => [String(rowNumber), column, value, message]),
  );
  if (errors.length === 0) return [];
  const titles = [
    { title: 'row', align: 'right' as const },
    { title: 'column', width: 24 },
    { title: 'value', width: 32 },
    { title: 'message' },
  ];
  const lines = table(titles, errors.slice(0, shownErrors), { indent: 2 });
  const rest = errors.length - shownErrors;
  const more = rest > 0 ? [`… and ${plural(rest, 'more error')}; --json has them all.`] : [];
  return ['', bold('First errors'), ...[...lines, ...more].map((line) => `  ${line}`)];
}
