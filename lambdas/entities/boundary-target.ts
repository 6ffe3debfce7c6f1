import type { MappingType } from '../model/mapping.ts';
import type { RowError } from '../model/row.ts';

/** One pair that is to be mapped or detached. */
export interface BoundaryRequest {
  /** Derived from the pair's identity and direction: the same on every attempt. */
  readonly idempotencyKey: string;
  readonly uniqueIdentifier: string;
  readonly boundaryCode: string;
  readonly type: MappingType;
  /** The id that the entity's own target gave it; null while the row has no entity. */
  readonly entityId: string | null;
  /** What attaching answered; null while nothing is mapped. */
  readonly mappingId: string | null;
}

/** What all requests of one call have in common. */
export interface BoundaryContext {
  readonly accountId: string;
  readonly referenceId: string;
  readonly processName: string;
  /** Fires when the caller has no time left; no call may outlive it. */
  readonly signal?: AbortSignal;
}

/**
 * What became of one request.
 * `done`: the pair is as asked, now or since an earlier attempt; `mappingId` is null after a detachment.
 * `refused`: it never will be, with the target's reason.
 * `transient`: it may be next time, not before `retryAfterSeconds`.
 * `not_yet`: the entity, or what stands for the boundary at the target, does not exist yet.
 */
export type MappingOutcome =
  | { readonly kind: 'done'; readonly mappingId: string | null }
  | { readonly kind: 'refused'; readonly error: RowError }
  | { readonly kind: 'transient'; readonly error: RowError; readonly retryAfterSeconds?: number }
  | { readonly kind: 'not_yet'; readonly error: RowError };

/**
 * Where entities are mapped to boundaries: the embedded registry or a service outside. Both calls answer each
 * request with an outcome of its own, in the order of the requests; doing one twice is harmless. They never throw
 * for what a single request caused.
 */
export interface BoundaryTarget {
  /** Whether attaching what is attached costs no more than looking whether it is: then nobody looks first. */
  readonly attachesBlindly?: boolean;
  attach(requests: readonly BoundaryRequest[], context: BoundaryContext): Promise<MappingOutcome[]>;
  detach(requests: readonly BoundaryRequest[], context: BoundaryContext): Promise<MappingOutcome[]>;
}
