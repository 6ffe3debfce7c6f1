import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One figure of a benchmark, with the bound it has to keep if there is one. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** How it was measured, where that is not plain from the name. */
  readonly note?: string;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  run(): Promise<Figure[]>;
}

/** Whether the figure keeps its bound; undefined where it has none. */
export function keepsBound({ value, atLeast, atMost }: Figure): boolean | undefined {
  if (atLeast === undefined && atMost === undefined) return undefined;
  return value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);
}

/** Prints the figures as one table. */
export function printFigures(title: string, figures: readonly Figure[]): void {
  console.log(`\n${title}`);
  const width = Math.max(...figures.map(({ name }) => name.length));
  for (const figure of figures) {
    console.log(
      `  ${figure.name.padEnd(width)}  ${shown(figure.value).padStart(12)} ${figure.unit.padEnd(12)} ${boundOf(figure)}${figure.note ? `  (${figure.note})` : ''}`,
    );
  }
}

export async function saveFigures(name: string, figures: readonly Figure[]): Promise<string> {
  await mkdir('bench/results', { recursive: true });
  const path = join('bench/results', `${name}.json`);
  await writeFile(
    path,
    `${JSON.stringify({ measuredAt: new Date().toISOString(), node: process.version, figures }, null, 2)}\n`,
  );
  return path;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

function boundOf(figure: Figure): string {
  const kept = keepsBound(figure);
  if (kept === undefined) return '';
  const bound = figure.atLeast === undefined ? `at most ${figure.atMost}` : `at least ${figure.atLeast}`;
  return `${kept ? 'kept' : 'MISSED'}: ${bound}`;
}

function shown(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}
