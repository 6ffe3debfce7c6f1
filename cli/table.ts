import { plain } from './terminal.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer cells are cut and end in `…`. */
  readonly width?: number;
}

/** A last column narrower than this is harder to read than lines that the terminal breaks. */
const leastLastColumn = 24;

/**
 * Lines of a table whose columns are as wide as their widest cell. Cells may hold anything; only those of the last
 * column are broken over lines, at the width of the terminal (`indent` columns of which the caller uses).
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { indent = 0, terminalWidth = process.stdout.columns }: { indent?: number; terminalWidth?: number } = {},
): string[] {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map(({ width }, index) => cut(plain(row[index] ?? ''), width)),
  );
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, indent);
  const room = Math.max((terminalWidth ?? Number.POSITIVE_INFINITY) - before, leastLastColumn);
  return cells.flatMap((row) => {
    const start = row.slice(0, last).map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align));
    const [first = '', ...rest] = wrap(row[last] ?? '', room);
    const end = pad(first, widths[last] ?? 0, columns[last]?.align);
    return [[...start, end].join('  ').trimEnd(), ...rest.map((line) => ' '.repeat(before - indent) + line)];
  });
}

/** Breaks the text at spaces into lines of at most `room` characters; longer words stay whole. */
function wrap(text: string, room: number): string[] {
  if (text.length <= room) return [text];
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= room) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function cut(text: string, width = Number.POSITIVE_INFINITY): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

function pad(text: string, width: number, align: Column['align'] = 'left'): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}
