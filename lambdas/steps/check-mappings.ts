import { addMappingFigures, type MappingFigures, noMappings, openMappings } from '../model/mapping.ts';
import type { CheckMappingsInput, CheckMappingsResult, FailMappingInput } from '../model/mapping-steps.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { type CountStores, countMappings, mappingTypesOf } from './count-mappings.ts';

export interface CheckMappingsStores extends CountStores {
  readonly references: ReferenceStore;
}

export interface MappingPatience {
  /** Cycles of one run at most. */
  readonly cycles: number;
  /** The longest pause between two, unless a service asks for more. */
  readonly waitSeconds: number;
}

type ProcessOf = (name: string) => ProcessDefinition | undefined;

/** The final check of a cycle: counts from the mapping table, and ends the run when nothing is left or no use is. */
export async function checkMappings(
  stores: CheckMappingsStores,
  input: CheckMappingsInput,
  patience: MappingPatience,
  processOf: ProcessOf,
): Promise<CheckMappingsResult> {
  const open = openMappings(await countAll(stores, input, processOf));
  const next = input.cycle + 1;
  const left = input.results.reduce((sum, result) => sum + result.left, 0);
  const isWorthIt = open > left || input.results.some((result) => result.worthRetrying > 0);
  const waitSeconds = waitBefore(next, input, patience);
  if (open > 0 && isWorthIt && next < patience.cycles && secondsFromNow(waitSeconds) < input.until) {
    return { outcome: 'again', waitSeconds, cycle: next };
  }
  const outcome = open === 0 ? 'completed' : 'failed';
  await stores.mappingRuns.end(input, input.execution, outcome);
  return { outcome, waitSeconds: 0, cycle: next };
}

/** The run was stopped by an error: counts what is, and gives the reference's mapping free. */
export async function failMapping(
  stores: CheckMappingsStores,
  input: FailMappingInput,
  processOf: ProcessOf,
): Promise<void> {
  await countAll(stores, input, processOf);
  await stores.mappingRuns.end(input, input.execution, 'failed');
}

/** The figures of all types together. */
async function countAll(
  stores: CheckMappingsStores,
  { accountId, referenceId }: FailMappingInput,
  processOf: ProcessOf,
): Promise<MappingFigures> {
  const reference = { accountId, referenceId };
  let total = noMappings;
  for (const type of await mappingTypesOf(stores.references, reference, processOf)) {
    total = addMappingFigures(total, await countMappings(stores, { ...reference, type }));
  }
  return total;
}

/** 2, 4, 8, … seconds; a service that asked for more gets it. Nothing to wait for when only new mappings are left. */
function waitBefore(cycle: number, { results }: CheckMappingsInput, { waitSeconds }: MappingPatience): number {
  if (results.every((result) => result.worthRetrying === 0)) return 0;
  const asked = Math.max(0, ...results.map((result) => result.retryAfterSeconds));
  return Math.ceil(Math.max(asked, Math.min(2 ** cycle, waitSeconds)));
}

function secondsFromNow(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toISOString();
}
