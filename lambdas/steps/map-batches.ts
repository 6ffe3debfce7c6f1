import type { BoundaryRequest, BoundaryTarget, MappingOutcome } from '../entities/boundary-target.ts';
import { derivedUuid, entityIdOf } from '../model/identity.ts';
import {
  type Mapping,
  type MappingPair,
  type MappingScope,
  type MappingStatus,
  mappingIdOf,
} from '../model/mapping.ts';
import type { MapInput, MappingDirection, MappingProgress } from '../model/mapping-steps.ts';
import { concurrently, pieces } from '../store/concurrently.ts';
import type { Attached, MappingTable } from '../store/mapping-table.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import type { TrackingTable } from '../store/tracking-table.ts';

export interface MapStores {
  readonly tracking: TrackingTable;
  readonly mapping: MappingTable;
  readonly bucket: SheetBucket;
}

export interface MapContext {
  readonly target: BoundaryTarget;
  /** Milliseconds until the function is ended. */
  remainingMs(): number;
}

/** Pairs in one call of the boundary API. */
const batchPairs = 100;
/** More than a service is sent at a time, as a rule: those that wait take over from those that are done. */
const batchesAtATime = 20;
/** No batch is begun with less time than this. */
const leastMs = 20_000;
/** What a batch needs after its calls, to write down what became of them. */
const closingMs = 5_000;

/** What became of a batch. */
type Tally = Pick<MappingProgress, 'left' | 'worthRetrying' | 'retryAfterSeconds'>;

/**
 * Attaches or detaches the pairs of a list, batch by batch, for as long as there is time. What was done is written down
 * after each batch; whoever is killed in between comes again and asks for the same once more, which changes nothing.
 */
export async function mapBatches(stores: MapStores, input: MapInput, context: MapContext): Promise<MappingProgress> {
  const pairs: MappingPair[] = [];
  for await (const group of stores.bucket.readLines<MappingPair>(input.list.key, 1_000)) pairs.push(...group);
  const batches = pieces(pairs.slice(input.progress.from), batchPairs);
  const work = new ListWork(stores, input, context);
  if (isPast(input.until)) return givenUp(input.progress, pairs.length);
  let begun = 0;
  const tallies = await concurrently(batches, batchesAtATime, async (batch) => {
    if (!work.hasTime()) return undefined;
    begun += 1;
    return work.run(batch);
  });
  const from = Math.min(input.progress.from + begun * batchPairs, pairs.length);
  const sum = tallies.filter((tally) => tally !== undefined).reduce(addTally, input.progress);
  return { ...sum, done: from === pairs.length, from };
}

/** Past its deadline a run leaves the rest as it is. */
function givenUp(progress: MappingProgress, pairs: number): MappingProgress {
  return { ...progress, done: true, from: pairs, left: progress.left + pairs - progress.from };
}

function isPast(time: string): boolean {
  return new Date().toISOString() > time;
}

function addTally(sum: Tally, tally: Tally): Tally {
  return {
    left: sum.left + tally.left,
    worthRetrying: sum.worthRetrying + tally.worthRetrying,
    retryAfterSeconds: Math.max(sum.retryAfterSeconds, tally.retryAfterSeconds),
  };
}

const openStatus: Record<MappingDirection, MappingStatus> = { attach: 'to_be_mapped', detach: 'to_be_detached' };

/** What is known of a pair that is to be asked for. */
type OpenPair = MappingPair & Pick<Mapping, 'mappingId' | 'generation'>;

interface Asked {
  readonly pair: OpenPair;
  readonly outcome: MappingOutcome;
}

/** The batches of one list. */
class ListWork {
  private readonly stores: MapStores;
  private readonly input: MapInput;
  private readonly context: MapContext;
  private readonly scope: MappingScope;
  private readonly direction: MappingDirection;

  constructor(stores: MapStores, input: MapInput, context: MapContext) {
    this.stores = stores;
    this.input = input;
    this.context = context;
    this.direction = input.list.direction;
    this.scope = { accountId: input.accountId, referenceId: input.referenceId, type: input.list.type };
  }

  hasTime(): boolean {
    return this.context.remainingMs() > leastMs && !isPast(this.input.until);
  }

  async run(batch: readonly MappingPair[]): Promise<Tally> {
    const asked = await this.ask(await this.openOf(batch));
    const done = asked.filter(({ outcome }) => outcome.kind === 'done');
    if (this.direction === 'attach') await this.noteAttached(done);
    else
      await this.stores.mapping.setDetached(
        this.scope,
        done.map(({ pair }) => pair),
      );
    return this.noteFailures(asked.filter(({ outcome }) => outcome.kind !== 'done'));
  }

  /** The pairs that are still to be asked for; they were listed some time ago, perhaps in an earlier delivery. */
  private async openOf(batch: readonly MappingPair[]): Promise<OpenPair[]> {
    if (this.direction === 'attach' && this.context.target.attachesBlindly) {
      return batch.map((pair) => ({ ...pair, mappingId: null, generation: 0 }));
    }
    const found = (await this.stores.mapping.read(this.scope, batch)).filter((mapping) => mapping !== undefined);
    if (this.direction === 'detach') await this.mapKeptAgain(found);
    return found.filter(({ status }) => status === openStatus[this.direction]);
  }

  /**
   * A pair that was listed to be detached and is wanted again: an earlier delivery of this batch may have detached it
   * already, so it is attached once more, which changes nothing where it still is.
   */
  private async mapKeptAgain(found: readonly Mapping[]): Promise<void> {
    for (const mapping of found.filter(({ status }) => status === 'mapped')) {
      await this.stores.mapping.change(this.scope, mapping, 'to_be_mapped');
    }
  }

  private async ask(pairs: readonly OpenPair[]): Promise<Asked[]> {
    const { accountId, referenceId } = this.scope;
    const { processName } = this.input.list;
    const entityIds = await this.stores.tracking.entityIds(
      { ...this.scope, type: processName },
      pairs.map(({ uniqueIdentifier }) => uniqueIdentifier),
    );
    // Of an entity that was undone there is no row any more, but what it was mapped as is to go too.
    if (this.direction === 'detach') this.nameUndone(pairs, entityIds);
    const [ready, early] = partition(pairs, ({ uniqueIdentifier }) => entityIds.has(uniqueIdentifier));
    const waiting = early.map((pair) => ({ pair, outcome: withoutEntity }));
    if (ready.length === 0) return waiting;
    const requests = ready.map((pair) => this.requestOf(pair, entityIds.get(pair.uniqueIdentifier) as string));
    const signal = AbortSignal.timeout(Math.max(1, this.context.remainingMs() - closingMs));
    const context = { accountId, referenceId, processName, signal };
    const outcomes = await this.context.target[this.direction](requests, context);
    return [...waiting, ...ready.map((pair, index) => ({ pair, outcome: outcomes[index] as MappingOutcome }))];
  }

  private nameUndone(pairs: readonly OpenPair[], entityIds: Map<string, string>): void {
    const { accountId, referenceId } = this.scope;
    for (const { uniqueIdentifier } of pairs) {
      if (entityIds.has(uniqueIdentifier)) continue;
      const identity = { accountId, referenceId, type: this.input.list.processName, uniqueIdentifier };
      entityIds.set(uniqueIdentifier, entityIdOf(identity));
    }
  }

  private requestOf(pair: OpenPair, entityId: string): BoundaryRequest {
    const { uniqueIdentifier, boundaryCode, mappingId, generation } = pair;
    const { accountId, referenceId, type } = this.scope;
    const parts = [accountId, referenceId, type, uniqueIdentifier, boundaryCode, this.direction, String(generation)];
    const idempotencyKey = derivedUuid('mapping request', ...parts);
    return { idempotencyKey, uniqueIdentifier, boundaryCode, type, entityId, mappingId };
  }

  /** A pair may have been taken back while it was attached: then it is to be detached, and not forgotten. */
  private async noteAttached(done: readonly Asked[]): Promise<void> {
    const attached = done.map(({ pair: { uniqueIdentifier, boundaryCode }, outcome }) => ({
      uniqueIdentifier,
      boundaryCode,
      // A service whose answer has no id is remembered by the one that the registry would give.
      mappingId:
        (outcome.kind === 'done' && outcome.mappingId) || mappingIdOf(this.scope, { uniqueIdentifier, boundaryCode }),
    }));
    const noted = await this.stores.mapping.setMapped(this.scope, attached);
    const others = attached.filter((_, index) => !noted[index]);
    if (others.length > 0) await this.detachUnwanted(others);
  }

  private async detachUnwanted(attached: readonly Attached[]): Promise<void> {
    const found = await this.stores.mapping.read(this.scope, attached);
    for (const [index, pair] of attached.entries()) {
      const now = found[index];
      if (now === undefined) {
        await this.stores.mapping.insertToDetach(this.scope, this.input.list.processName, [pair]);
      } else if (now.status === 'detached') {
        await this.stores.mapping.change(this.scope, now, 'to_be_detached', { mappingId: pair.mappingId });
      }
    }
  }

  private async noteFailures(failed: readonly Asked[]): Promise<Tally> {
    const failures = failed.flatMap(({ pair, outcome }) =>
      outcome.kind === 'done' ? [] : [{ pair, message: outcome.error.message }],
    );
    await this.stores.mapping.noteFailures(this.scope, failures);
    const transient = failed.flatMap(({ outcome }) => (outcome.kind === 'transient' ? [outcome] : []));
    const patient = failed.filter(({ outcome }) => outcome.kind === 'not_yet' && outcome !== withoutEntity);
    return {
      left: failed.length,
      worthRetrying: transient.length + patient.length,
      retryAfterSeconds: Math.max(0, ...transient.map(({ retryAfterSeconds }) => retryAfterSeconds ?? 0)),
    };
  }
}

function partition<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/** Waiting brings no entity: only another sheet, or a retry, does. */
const withoutEntity: MappingOutcome = {
  kind: 'not_yet',
  error: {
    code: 'entity_missing',
    message: 'The entity does not exist yet: its row has not been created. Retry its action, then map again.',
  },
};
