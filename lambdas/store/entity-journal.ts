import { randomUUID } from 'node:crypto';
import { NoSuchKey } from '@aws-sdk/client-s3';
import type { EntityState } from './entity-state.ts';
import { type SheetBucket, sheetKeys } from './sheet-bucket.ts';

/** An entity as it is before a change. The change counts only if the entity's version becomes `version` + 1. */
export interface PriorState {
  readonly entityId: string;
  readonly version: number;
  readonly before: EntityState;
}

const linesAtATime = 1_000;

/** What entities were before actions changed them: one object for all that are changed together. */
export class EntityJournal {
  private readonly bucket: SheetBucket;

  constructor(bucket: SheetBucket) {
    this.bucket = bucket;
  }

  /** A name that nobody else uses, so that what a lost attempt wrote is never taken for what a later one found. */
  newName(label: string): string {
    return `${label}-${randomUUID()}`;
  }

  /** Writes prior states, before the first of their changes. */
  async write(actionId: string, name: string, entries: readonly PriorState[]): Promise<void> {
    await this.bucket.putLines(sheetKeys.journal(actionId, name), entries);
  }

  /** The prior states by entity; undefined when they have been kept long enough. */
  async read(actionId: string, name: string): Promise<Map<string, EntityState> | undefined> {
    const states = new Map<string, EntityState>();
    try {
      for await (const entries of this.bucket.readLines<PriorState>(sheetKeys.journal(actionId, name), linesAtATime)) {
        for (const { entityId, before } of entries) states.set(entityId, before);
      }
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
    return states;
  }
}
