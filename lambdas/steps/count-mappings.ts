import type { MappingFigures, MappingScope, MappingType } from '../model/mapping.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { MappingRuns } from '../store/mapping-runs.ts';
import type { MappingTable } from '../store/mapping-table.ts';
import type { ReferenceStore } from '../store/reference-store.ts';

export interface CountStores {
  readonly mappingRuns: MappingRuns;
  readonly mapping: MappingTable;
}

/** Counts the mappings of one type, and keeps the figures where people look. */
export async function countMappings(
  { mapping, mappingRuns }: CountStores,
  scope: MappingScope,
): Promise<MappingFigures> {
  const figures = await mapping.count(scope);
  await mappingRuns.saveFigures(scope, { type: scope.type, ...figures });
  return figures;
}

/** The mapping types of the processes that a reference has had sheets of. */
export async function mappingTypesOf(
  references: ReferenceStore,
  { accountId, referenceId }: { accountId: string; referenceId: string },
  processOf: (name: string) => ProcessDefinition | undefined,
): Promise<MappingType[]> {
  const processes = await references.processes(accountId, referenceId);
  const types = processes.flatMap(({ processName }) => processOf(processName)?.mapping?.type ?? []);
  return [...new Set(types)];
}
