import { blockedByParent } from '../model/hierarchy.ts';
import type { RowError } from '../model/row.ts';
import type { RowScope, TrackingTable } from '../store/tracking-table.ts';

interface ChildRow {
  readonly uniqueIdentifier: string;
  readonly parent?: string;
}

/**
 * Rows, by identifier, whose parent is a row of the same reference that has not succeeded. A parent that is no such row is
 * the target's own affair. For targets that take whatever they are given.
 */
export async function blockedRows(
  tracking: TrackingTable,
  scope: RowScope,
  rows: readonly ChildRow[],
): Promise<ReadonlyMap<string, RowError>> {
  const parents = new Set(rows.flatMap(({ parent = '' }) => (parent === '' ? [] : [parent])));
  const tracked = await tracking.read(scope, [...parents], true);
  return new Map(
    rows.flatMap(({ uniqueIdentifier, parent = '' }) => {
      const status = tracked.get(parent)?.status ?? 'success';
      return status === 'success' ? [] : [[uniqueIdentifier, blockedByParent(parent)]];
    }),
  );
}
