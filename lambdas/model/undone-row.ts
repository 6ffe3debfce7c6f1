import type { RowAnswer, RowError } from './row.ts';

/**
 * A row of an ended action whose entity is to be as it was before: `undoEntities(stores, action, rows)` of
 * `steps/undo-entities.ts` takes a page of them, and answers each in order. Rows that changed nothing (`known`,
 * `duplicate`, `invalid` …) need not be asked about.
 */
export interface RowToUndo {
  readonly rowNumber: number;
  readonly uniqueIdentifier: string;
  /** The entity that the row has answered with. */
  readonly entityId: string;
  readonly answer: RowAnswer;
}

/**
 * What became of it, the same however often it is asked for.
 * `deleted`: the action had created the entity, and it is gone. `restored`: the entity is as it was before the action.
 * `skipped`: it is left alone, and `error` says why: `changed_since`, `still_named` (others stand below it), `not_unique`
 * (a value that it had is another's now), `prior_state_gone` (the journal was not kept so long), `entity_busy`.
 */
export type UndoneRow =
  | { readonly rowNumber: number; readonly entityId: string; readonly kind: 'deleted' | 'restored' }
  | { readonly rowNumber: number; readonly entityId: string; readonly kind: 'skipped'; readonly error: RowError };
