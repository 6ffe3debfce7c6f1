import type { RowError } from '../../model/row.ts';
import type { Scope } from './template.ts';

/** One row of an operation. */
export interface ServiceItem {
  /** The same on every attempt. */
  readonly idempotencyKey: string;
  /** What placeholders name for this row; lookups add `found`. */
  readonly scope: Scope;
}

/** `done`: `id` is the service's; null when its answer has none. */
export type ItemOutcome =
  | { readonly kind: 'done'; readonly id: string | null }
  | { readonly kind: 'refused'; readonly error: RowError }
  | { readonly kind: 'transient'; readonly error: RowError; readonly retryAfterSeconds?: number }
  | { readonly kind: 'not_yet'; readonly error: RowError };

/** A row that is on its way: its place among all, and what lookups found for it. */
export interface Pending {
  readonly index: number;
  readonly item: ServiceItem;
  readonly found: Scope;
}

/** What placeholders of the row's requests name. */
export function scopeOf({ item, found }: Pending): Scope {
  return { ...item.scope, idempotencyKey: item.idempotencyKey, found };
}

/** The row's way ends here. */
export interface Settled {
  readonly index: number;
  readonly outcome: ItemOutcome;
}
