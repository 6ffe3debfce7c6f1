import type { Transitions } from './transition.ts';

/** What is mapped to a boundary. */
export const mappingTypes = ['resource', 'facility', 'user'] as const;
export type MappingType = (typeof mappingTypes)[number];

export const mappingStatuses = ['to_be_mapped', 'mapped', 'to_be_detached', 'detached'] as const;
export type MappingStatus = (typeof mappingStatuses)[number];

/** A detached pair that comes back is mapped anew; a pair whose detachment is pending may be kept after all. */
export const mappingTransitions: Transitions<MappingStatus> = {
  to_be_mapped: ['mapped'],
  mapped: ['to_be_detached'],
  to_be_detached: ['detached', 'mapped'],
  detached: ['to_be_mapped'],
};

/** One (uniqueIdentifier, boundaryCode, type) pair of a reference. */
export interface Mapping {
  readonly uniqueIdentifier: string;
  readonly boundaryCode: string;
  readonly type: MappingType;
  readonly status: MappingStatus;
  /** Given by the boundary API; null while nothing is mapped. */
  readonly mappingId: string | null;
  /** Failed attempts since the last change of status. */
  readonly attempts: number;
  readonly lastError?: string;
}
