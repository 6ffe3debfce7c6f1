import type { ActionKind } from '../model/action.ts';
import type { EntityEffect } from '../model/entity.ts';
import type { EntityScope } from '../model/identity.ts';
import type { RowData, RowError } from '../model/row.ts';
import type { WriteBounds } from '../model/write-bounds.ts';

/** One row that is to become, change or remove an entity. */
export interface EntityRequest {
  /**
   * The id of the entity that staging found, else derived from the row's identity: the same on every attempt. Also the
   * idempotency key of outside services.
   */
  readonly entityId: string;
  readonly uniqueIdentifier: string;
  readonly rowNumber: number;
  /** The entity's values. Of a kind that can change: the fields to change, `null` clearing one; the others stay. */
  readonly data: RowData;
  /** The normalized values, by field, of the unique fields that the row gives; absent where a kind has none. */
  readonly unique?: Readonly<Record<string, string>>;
  /** What staging expects the row to do, from what there was then; absent where a kind is only ever created. */
  readonly effect?: EntityEffect;
  /** The fields that a new entity needs and the row does not give; absent when it gives all. */
  readonly missing?: readonly string[];
  /** The identifier of what must exist before; empty for a root, absent where the process has no hierarchy. */
  readonly parent?: string;
}

/** What all requests of one call have in common, and until when it may write. */
export interface EntityContext extends WriteBounds {
  readonly accountId: string;
  readonly referenceId: string;
  readonly processName: string;
  readonly actionId: string;
  /** What kind of entity, e.g. `facility`. */
  readonly entity: string;
  /** Absent means `reference`. */
  readonly entityScope?: EntityScope;
  readonly action: ActionKind;
  /** True: decide what would become of each request, by reads alone. */
  readonly dryRun?: boolean;
}

/**
 * What became of one request.
 * `done`: the entity is as asked, now or since an earlier attempt; `entityId` is the target's own id, and `effect` what
 * the action did to it, on whichever attempt. `known`: somebody else had made it before, and it was left as it is.
 * `refused`: it never will be: the row fails at once, with the target's reason.
 * `transient`: it may be next time: the queue brings the row again, not before `retryAfterSeconds`.
 */
export type EntityOutcome =
  | { readonly kind: 'done'; readonly entityId: string; readonly effect: EntityEffect }
  | { readonly kind: 'refused'; readonly error: RowError }
  | { readonly kind: 'transient'; readonly error: RowError; readonly retryAfterSeconds?: number };

/** Where entities are created: the embedded registry or a service outside. */
export interface EntityTarget {
  /** Whether the target keeps our `entityId`; otherwise its own ids are stored with the rows. */
  readonly keepsEntityId: boolean;
  /** Whether it refuses by itself, as `blocked_by_parent`, what it has no parent for. */
  readonly checksParents?: boolean;
  /**
   * Applies all requests, each with an outcome of its own, in the order of the requests. Applying one twice is
   * harmless. Never throws for what a single request caused; throws only when it could not start at all, or when its
   * bounds ended it midway.
   */
  apply(requests: readonly EntityRequest[], context: EntityContext): Promise<EntityOutcome[]>;
}
