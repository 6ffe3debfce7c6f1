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
 * What became of an entity, the same however often it is asked for.
 * `deleted`: the action had created it, and it is gone. `restored`: it is as it was before the action.
 * `skipped`: it is left alone, and `error` says why: `changed_since`, `still_named` (others stand below it), `value_taken`
 * (a value that it had is another's now), `prior_state_gone` (the journal was not kept so long), `entity_busy`.
 */
export type UndoVerdict =
  | { readonly kind: 'deleted' | 'restored' }
  | { readonly kind: 'skipped'; readonly error: RowError };

/** A row and what became of its entity. */
export type UndoneRow = Pick<RowToUndo, 'rowNumber' | 'entityId'> & UndoVerdict;
