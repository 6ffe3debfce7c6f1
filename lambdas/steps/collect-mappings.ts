import type { MappingPair, MappingType } from '../model/mapping.ts';
import type { CollectResult, MappingDirection, MappingList, MappingRunInput } from '../model/mapping-steps.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { MappingRuns } from '../store/mapping-runs.ts';
import type { MappingTable, OpenMapping } from '../store/mapping-table.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { mappingTypesOf } from './count-mappings.ts';

export interface CollectStores {
  readonly references: ReferenceStore;
  readonly mappingRuns: MappingRuns;
  readonly mapping: MappingTable;
  readonly bucket: SheetBucket;
}

const directionOf = { to_be_mapped: 'attach', to_be_detached: 'detach' } as const;

/** Collects what is to be attached and what is to be detached, each as lists of its process. */
export async function collectMappings(
  { references, mappingRuns, mapping, bucket }: CollectStores,
  input: MappingRunInput,
  processOf: (name: string) => ProcessDefinition | undefined,
): Promise<CollectResult> {
  const [types] = await Promise.all([
    mappingTypesOf(references, input, processOf),
    mappingRuns.note(input, input.execution, input.cycle),
  ]);
  const lists = new Lists(bucket, input);
  for (const type of types) {
    await mapping.eachOpen({ ...input, type }, (mappings) => lists.add(type, mappings));
  }
  return { lists: await lists.end() };
}

/**
 * Pairs in list number `index`. Lists grow, so that twelve million pairs make fewer than 100 of them: at 11 history
 * events a list, 20 cycles stay below the 25,000 that Step Functions allows an execution, and a small reference is still
 * worked on in parallel.
 */
export function listCapacity(index: number): number {
  if (index < 30) return 1_000;
  if (index < 45) return 10_000;
  return 250_000;
}

interface FillingList {
  readonly list: MappingList;
  readonly pairs: MappingPair[];
}

/** Fills the lists and writes each as soon as it is full. */
class Lists {
  private readonly bucket: SheetBucket;
  private readonly input: MappingRunInput;
  private readonly open = new Map<string, FillingList>();
  private readonly written: MappingList[] = [];
  private started = 0;

  constructor(bucket: SheetBucket, input: MappingRunInput) {
    this.bucket = bucket;
    this.input = input;
  }

  /** Adds what was read together in one go: pairs that follow each other in the table are cheaper to work on together. */
  async add(type: MappingType, mappings: readonly OpenMapping[]): Promise<void> {
    const full = mappings.flatMap((open) => this.put(type, open) ?? []);
    for (const list of full) await this.write(list);
  }

  /** Adds a pair to its list; answers with the list if that is full now. */
  private put(type: MappingType, open: OpenMapping): FillingList | undefined {
    const { status, processName, uniqueIdentifier, boundaryCode } = open;
    const name = `${directionOf[status]} ${type} ${processName}`;
    const filling = this.open.get(name) ?? this.start(directionOf[status], type, processName);
    this.open.set(name, filling);
    filling.pairs.push({ uniqueIdentifier, boundaryCode });
    if (filling.pairs.length < listCapacity(this.started)) return undefined;
    this.open.delete(name);
    return filling;
  }

  /** Writes what is left; answers with all lists. */
  async end(): Promise<MappingList[]> {
    for (const filling of this.open.values()) await this.write(filling);
    return this.written;
  }

  private start(direction: MappingDirection, type: MappingType, processName: string): FillingList {
    const number = this.started++;
    const key = sheetKeys.mappingList(this.input, `${direction}-${String(number).padStart(4, '0')}`);
    return { list: { key, direction, type, processName }, pairs: [] };
  }

  private async write({ list, pairs }: FillingList): Promise<void> {
    this.written.push(list);
    await this.bucket.putLines(list.key, pairs);
  }
}
