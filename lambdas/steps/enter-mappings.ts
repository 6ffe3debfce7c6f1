import type { BulkAction } from '../model/action.ts';
import type { Mapping, MappingPair, MappingScope } from '../model/mapping.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { RowData } from '../model/row.ts';
import { concurrently } from '../store/concurrently.ts';
import type { MappingTable } from '../store/mapping-table.ts';
import type { TrackedRowWithData, TrackingTable } from '../store/tracking-table.ts';

/** A row whose boundaries are to be entered. */
export interface MappedRow {
  readonly uniqueIdentifier: string;
  readonly data: RowData;
}

type RowMapping = NonNullable<ProcessDefinition['mapping']>;

const rowsAtATime = 16;

/** The boundaries that a row's values ask for: none when it is out of use. */
export function wantedBoundaries({ boundaries, active }: RowMapping, data: RowData): readonly string[] {
  return (active?.(data) ?? true) ? boundaries(data) : [];
}

/**
 * Enters, for the rows of one action, which entity is wanted at which boundary. Everything may be repeated; a row's
 * entries are there before the row is dispatched, so an entity never exists without them.
 */
export class MappingEntries {
  private readonly table: MappingTable;
  private readonly action: BulkAction;
  private readonly mapping: RowMapping;
  private readonly scope: MappingScope;

  constructor(table: MappingTable, action: BulkAction, mapping: RowMapping) {
    this.table = table;
    this.action = action;
    this.mapping = mapping;
    this.scope = { accountId: action.accountId, referenceId: action.referenceId, type: mapping.type };
  }

  /** Rows that were tracked this moment and so have no entries yet. */
  async enterNew(rows: readonly MappedRow[]): Promise<void> {
    const pairs = rows.flatMap((row) => this.pairsOf(row));
    const inserted = await this.table.insert(this.scope, this.action, pairs);
    const met = new Set(pairs.filter((_, index) => !inserted[index]).map((pair) => pair.uniqueIdentifier));
    await this.enter(rows.filter((row) => met.has(row.uniqueIdentifier)));
  }

  /** Rows that may have entries, of an earlier attempt or of an earlier sheet with other boundaries. */
  async enter(rows: readonly MappedRow[]): Promise<void> {
    await concurrently(rows, rowsAtATime, async (row) => {
      const wanted = this.pairsOf(row);
      const found = await this.table.ofIdentifier(this.scope, row.uniqueIdentifier);
      await this.reconcile(wanted, found);
    });
  }

  /** Entities that are wanted nowhere any more. */
  async withdraw(uniqueIdentifiers: readonly string[]): Promise<void> {
    await concurrently(uniqueIdentifiers, rowsAtATime, async (uniqueIdentifier) =>
      this.reconcile([], await this.table.ofIdentifier(this.scope, uniqueIdentifier)),
    );
  }

  /**
   * Known rows of which the sheet may want something new. What was wanted is noted last, so that whoever is killed in
   * between comes again and finds the difference once more.
   */
  async enterKnown(
    tracking: TrackingTable,
    rows: readonly MappedRow[],
    tracked: ReadonlyMap<string, TrackedRowWithData>,
  ): Promise<void> {
    const changed = rows.filter((row) => !this.wantsTheSame(row, tracked.get(row.uniqueIdentifier)));
    await this.enter(changed);
    const scope = { ...this.scope, type: this.action.processName };
    await concurrently(changed, rowsAtATime, ({ uniqueIdentifier, data }) =>
      tracking.setBoundaries(scope, uniqueIdentifier, wantedBoundaries(this.mapping, data)),
    );
  }

  private wantsTheSame({ data }: MappedRow, tracked: TrackedRowWithData | undefined): boolean {
    if (tracked === undefined) return false;
    const before = new Set(tracked.boundaries ?? wantedBoundaries(this.mapping, tracked.data));
    return before.symmetricDifference(new Set(wantedBoundaries(this.mapping, data))).size === 0;
  }

  private pairsOf({ uniqueIdentifier, data }: MappedRow): MappingPair[] {
    const codes = new Set(wantedBoundaries(this.mapping, data));
    return [...codes].map((boundaryCode) => ({ uniqueIdentifier, boundaryCode }));
  }

  private async reconcile(wanted: readonly MappingPair[], found: readonly Mapping[]): Promise<void> {
    const known = new Map(found.map((mapping) => [mapping.boundaryCode, mapping]));
    await this.table.insert(
      this.scope,
      this.action,
      wanted.filter(({ boundaryCode }) => !known.has(boundaryCode)),
    );
    const codes = new Set(wanted.map(({ boundaryCode }) => boundaryCode));
    for (const mapping of found) await this.settle(mapping, codes.has(mapping.boundaryCode));
  }

  /** Brings one mapping to what is wanted; what changed meanwhile is looked at anew. */
  private async settle(mapping: Mapping, isWanted: boolean): Promise<void> {
    if (await this.apply(mapping, isWanted)) return;
    const [now] = await this.table.read(this.scope, [mapping]);
    if (now) await this.settle(now, isWanted);
    else if (isWanted) await this.table.insert(this.scope, this.action, [mapping]);
  }

  /** False when the mapping was not any more as it was seen. */
  private async apply(seen: Mapping, isWanted: boolean): Promise<boolean> {
    const { actionId } = this.action;
    switch (seen.status) {
      case 'to_be_mapped':
        return isWanted || this.table.remove(this.scope, seen);
      case 'mapped':
        return isWanted || this.table.change(this.scope, seen, 'to_be_detached', { actionId });
      case 'to_be_detached':
        return !isWanted || this.table.change(this.scope, seen, 'mapped', { actionId });
      case 'detached':
        return !isWanted || this.table.change(this.scope, seen, 'to_be_mapped', { actionId, mappingId: null });
    }
  }
}
