import type { z } from 'zod';
import type { boundaryListSchema } from '../../lambdas/model/api.ts';
import type { RollcallClient } from './client.ts';
import type { Sheet } from './sheet-files.ts';

export type BoundaryList = z.infer<typeof boundaryListSchema>;
type Boundary = BoundaryList['items'][number];

/** A walk over the leaves of some hundred boundaries, which have nobody below them, takes some reads. */
const mostInVain = 8;

/** A sheet of boundaries, given as code and parent. */
export function boundarySheet(rows: readonly (readonly [code: string, parentCode: string])[]): Sheet {
  return {
    headers: ['code', 'name', 'boundaryType', 'parentCode'],
    rows: rows.map(([code, parentCode]) => [code, `Name of ${code}`, 'Area', parentCode]),
  };
}

/** `count` boundaries below one root, each with at most `fanOut` children, the root first. */
export function boundaryTree(count: number, fanOut: number, prefix = 'B'): [code: string, parentCode: string][] {
  return Array.from({ length: count }, (_, index) => [
    `${prefix}-${index}`,
    index === 0 ? '' : `${prefix}-${Math.floor((index - 1) / fanOut)}`,
  ]);
}

/** The rows in an order that has nothing to do with their own, the same in each run. */
export function scattered<Row>(rows: readonly Row[]): Row[] {
  return rows
    .map((row, index) => ({ row, at: (index * 7_919 + 104_729) % 1_000_003 }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
}

/** All pages of a list of boundaries. Throws when more than a few are empty: a list has to end. */
export async function allBoundaries(client: RollcallClient, path: string, limit = 1_000): Promise<Boundary[]> {
  const items: Boundary[] = [];
  let cursor: string | undefined;
  let inVain = 0;
  do {
    const [base = '', own = ''] = path.split('?');
    const query = new URLSearchParams({ limit: String(limit), ...(cursor !== undefined && { cursor }) });
    const page = await client.read<BoundaryList>(`${base}?${own === '' ? '' : `${own}&`}${query}`);
    items.push(...page.items);
    inVain += page.items.length === 0 ? 1 : 0;
    if (inVain > mostInVain) throw new Error(`${path} goes on for more than ${mostInVain} empty pages.`);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}
