import { z } from 'zod';
import { mappingTypes } from './mapping.ts';

/**
 * What the states of `boundary-mapping` hand each other: references and counts, never mappings.
 */
export const mappingInputSchema = z.object({
  accountId: z.string(),
  referenceId: z.string(),
  /** When the run ends at the latest, ISO 8601 UTC. */
  until: z.iso.datetime(),
});
export type MappingInput = z.infer<typeof mappingInputSchema>;

export const mappingRunInputSchema = mappingInputSchema.extend({
  /** ARN of the execution. */
  execution: z.string(),
  /** Counted from 0. */
  cycle: z.number().int().min(0),
});
export type MappingRunInput = z.infer<typeof mappingRunInputSchema>;

/** claim-mapping. `busy`: another run of the reference is under way; come again. */
export interface MappingClaimResult {
  readonly outcome: 'claimed' | 'busy';
  readonly waitSeconds: number;
}

export const mappingDirections = ['attach', 'detach'] as const;
export type MappingDirection = (typeof mappingDirections)[number];

/** A list of pairs of one process that are to be attached or detached: NDJSON in the sheet bucket. */
export const mappingListSchema = z.object({
  key: z.string().startsWith('mapping/'),
  direction: z.enum(mappingDirections),
  processName: z.string(),
  type: z.enum(mappingTypes),
});
export type MappingList = z.infer<typeof mappingListSchema>;

/** collect-mappings: what is to be done, in lists. */
export interface CollectResult {
  readonly lists: readonly MappingList[];
}

/** map-batches: how far a list is, and what was in vain so far. */
export const mappingProgressSchema = z.object({
  done: z.boolean(),
  /** The first pair that has not been looked at. */
  from: z.number().int().min(0),
  /** Pairs that are as they were: they failed, or their entity does not exist. */
  left: z.number().int().min(0),
  /** Those of them that may fare better soon. */
  worthRetrying: z.number().int().min(0),
  /** The longest pause that a service asked for. */
  retryAfterSeconds: z.number().min(0),
});
export type MappingProgress = z.infer<typeof mappingProgressSchema>;

export const mapInputSchema = mappingInputSchema.extend({ list: mappingListSchema, progress: mappingProgressSchema });
export type MapInput = z.infer<typeof mapInputSchema>;

export const checkMappingsInputSchema = mappingRunInputSchema.extend({ results: z.array(mappingProgressSchema) });
export type CheckMappingsInput = z.infer<typeof checkMappingsInputSchema>;
/** check-mappings: `again` when something is left that is worth another cycle. */
export interface CheckMappingsResult {
  readonly outcome: 'completed' | 'failed' | 'again';
  readonly waitSeconds: number;
  /** The next cycle. */
  readonly cycle: number;
}

export const failMappingInputSchema = mappingRunInputSchema.omit({ cycle: true });
export type FailMappingInput = z.infer<typeof failMappingInputSchema>;

/**
 * enter-mapping, a state of `bulk-action`. `run`: this action is the last of its reference and maps. `later`: another
 * one is in flight and will. `none`: the action has nothing to map.
 */
export interface EnterMappingResult {
  readonly outcome: 'run' | 'later' | 'none';
  readonly referenceId: string;
  /** When the mapping ends at the latest. */
  readonly until: string;
}
