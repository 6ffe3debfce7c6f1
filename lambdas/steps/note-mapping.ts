import { type MappingFigures, noMappings } from '../model/mapping.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { NoteMappingInput } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import { type CountStores, countMappings } from './count-mappings.ts';

interface Stores extends CountStores {
  readonly actions: ActionStore;
}

/** Notes with the action how the mappings of its type stand, for its report and whoever asks. */
export async function noteMapping(
  stores: Stores,
  { accountId, actionId, outcome }: NoteMappingInput,
  processOf: (name: string) => ProcessDefinition | undefined,
): Promise<MappingFigures> {
  const action = await stores.actions.get(accountId, actionId);
  const { referenceId, warnings } = action;
  const type = processOf(action.processName)?.mapping?.type;
  if (type === undefined) return noMappings;
  const scope = { accountId, referenceId, type };
  const counted =
    outcome === 'run' ? (await stores.mappingRuns.figures(scope)).find((one) => one.type === type) : undefined;
  const { type: _, ...current } = counted ?? { type, ...(await countMappings(stores, scope)) };
  // Whoever maps later tries everything again. An earlier run may have asked for pairs whose rows were still on their way.
  const figures = outcome === 'later' ? { ...current, failed: 0 } : current;
  const warning = `The boundary mapping did not come to its end. POST /api/references/${referenceId}/mapping runs it again.`;
  const isNew = outcome === 'broken' && !warnings.includes(warning);
  await stores.actions.record(accountId, actionId, {
    mapping: figures,
    mappedAt: new Date().toISOString(),
    ...(isNew && { warnings: [...warnings, warning] }),
  });
  return figures;
}
