import type { RowError } from './row.ts';

/** How often an error occurred. */
export interface CodeCount {
  readonly code: string;
  readonly count: number;
}

/** Services outside have codes of their own; beyond so many different ones the rest is counted as one. */
const mostCodes = 100;
const others = 'other_codes';

/** Counts errors by code. */
export class CodeCounts {
  private readonly counts = new Map<string, number>();

  add(errors: readonly RowError[]): void {
    for (const { code } of errors) {
      const counted = this.counts.has(code) || this.counts.size < mostCodes ? code : others;
      this.counts.set(counted, (this.counts.get(counted) ?? 0) + 1);
    }
  }

  /** The most frequent first. */
  get list(): CodeCount[] {
    return [...this.counts]
      .map(([code, count]) => ({ code, count }))
      .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
  }
}
