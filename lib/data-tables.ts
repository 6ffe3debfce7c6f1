import { Construct } from 'constructs';
import { DataTable } from './data-table.ts';
import type { Stage } from './stage.ts';

/** The four tables. */
export class DataTables extends Construct {
  /** Which rows exist and what became of them. No index: it would double the cost of each write of a row. */
  readonly tracking: DataTable;
  /** Which entity is mapped to which boundary. */
  readonly mapping: DataTable;
  /** Actions, references, keys, quotas. */
  readonly control: DataTable;
  /** The embedded home of created entities. */
  readonly registry: DataTable;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.tracking = new DataTable(this, 'Tracking', { stage, expiry: 'expiresAt' });
    this.mapping = new DataTable(this, 'Mapping', { stage });
    this.control = new DataTable(this, 'Control', {
      stage,
      expiry: 'expiresAt',
      indexes: [
        { name: accountIndex },
        { name: referenceIndex },
        { name: openActionsIndex, partitionKey: 'openpk', sortKey: 'opensk' },
      ],
    });
    this.registry = new DataTable(this, 'Registry', { stage, indexes: [{ name: hierarchyIndex }] });
  }
}

/** An account's actions by time. */
export const accountIndex = 'gsi1';
/** A reference's actions by time. */
export const referenceIndex = 'gsi2';
/** Actions that have not ended, by deadline; sparse, so it stays small however many have ended. */
export const openActionsIndex = 'gsi3';
/** Entities by their parent; sparse, only hierarchical ones have one. */
export const hierarchyIndex = 'gsi1';
