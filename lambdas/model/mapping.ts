import { z } from 'zod';
import { derivedUuid } from './identity.ts';
import type { Transitions } from './transition.ts';

/** What is mapped to a boundary. */
export const mappingTypes = ['resource', 'facility', 'user'] as const;
export type MappingType = (typeof mappingTypes)[number];

export const mappingStatuses = ['to_be_mapped', 'mapped', 'to_be_detached', 'detached'] as const;
export type MappingStatus = (typeof mappingStatuses)[number];

/**
 * A detached pair that comes back is mapped anew; a pair whose detachment is pending may be kept after all. Back from
 * `mapped` to `to_be_mapped` when it is kept although a call to detach it may have got through, and from `detached` to
 * `to_be_detached` when a late call attached it all the same.
 */
export const mappingTransitions: Transitions<MappingStatus> = {
  to_be_mapped: ['mapped'],
  mapped: ['to_be_detached', 'to_be_mapped'],
  to_be_detached: ['detached', 'mapped'],
  detached: ['to_be_mapped', 'to_be_detached'],
};

/** Something is left to be done about a mapping in these statuses. */
export const openMappingStatuses: readonly MappingStatus[] = ['to_be_mapped', 'to_be_detached'];

/** What one row's mapping is: a unique identifier and one of its boundaries. */
export interface MappingPair {
  readonly uniqueIdentifier: string;
  readonly boundaryCode: string;
}

/** One (uniqueIdentifier, boundaryCode, type) pair of a reference. */
export interface Mapping extends MappingPair {
  readonly type: MappingType;
  /** The process whose rows it belongs to. */
  readonly processName: string;
  readonly status: MappingStatus;
  /** Given by the boundary API; null while nothing is mapped. */
  readonly mappingId: string | null;
  /** Failed attempts since the last change of status. */
  readonly attempts: number;
  readonly lastError?: string;
  /** Grows by one whenever the wanted boundaries change what is to be done. */
  readonly revision: number;
  /** How often the pair was detached and came back: a call for it is another one each time. */
  readonly generation: number;
}

/** The mappings of one account, reference and type. */
export interface MappingScope {
  readonly accountId: string;
  readonly referenceId: string;
  readonly type: MappingType;
}

/** The id of a pair's mapping in the embedded registry: known before it is attached, so attaching twice is once. */
export function mappingIdOf({ accountId, referenceId, type }: MappingScope, pair: MappingPair): string {
  return derivedUuid('mapping', accountId, referenceId, type, pair.uniqueIdentifier, pair.boundaryCode);
}

const count = z.number().int().min(0);

/** Mappings by status. */
export const mappingFiguresSchema = z
  .object({
    toBeMapped: count,
    mapped: count,
    toBeDetached: count,
    detached: count,
    failed: count.meta({ description: 'How many of those to be mapped or detached were tried in vain.' }),
  })
  .meta({ id: 'MappingFigures', description: 'Boundary mappings by status.' });
export type MappingFigures = z.infer<typeof mappingFiguresSchema>;

export const noMappings: MappingFigures = { toBeMapped: 0, mapped: 0, toBeDetached: 0, detached: 0, failed: 0 };

const figureOf = {
  to_be_mapped: 'toBeMapped',
  mapped: 'mapped',
  to_be_detached: 'toBeDetached',
  detached: 'detached',
} as const satisfies Record<MappingStatus, keyof MappingFigures>;

/** Adds mappings up by status. */
export function mappingFigures(mappings: Iterable<Pick<Mapping, 'status' | 'attempts'>>): MappingFigures {
  const figures = { ...noMappings };
  for (const { status, attempts } of mappings) {
    figures[figureOf[status]] += 1;
    if (attempts > 0) figures.failed += 1;
  }
  return figures;
}

/** Adds figure by figure. */
export function addMappingFigures(a: MappingFigures, b: MappingFigures): MappingFigures {
  const sum = { ...a };
  for (const key of Object.keys(b) as (keyof MappingFigures)[]) sum[key] += b[key];
  return sum;
}

/** How many mappings something is left to be done about. */
export function openMappings({ toBeMapped, toBeDetached }: MappingFigures): number {
  return toBeMapped + toBeDetached;
}

/** `idle`: there has been no run yet. */
export const mappingRunStatuses = ['idle', 'running', 'completed', 'failed'] as const;
export type MappingRunStatus = (typeof mappingRunStatuses)[number];

/** The last run of `boundary-mapping` for a reference. Times are ISO 8601 UTC. */
export interface MappingRun {
  readonly status: MappingRunStatus;
  /** ARN of the execution that runs, or ran last. */
  readonly execution?: string;
  /** Counted from 0. */
  readonly cycle?: number;
  readonly updatedAt?: string;
}
