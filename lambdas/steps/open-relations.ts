import type { BulkAction } from '../model/action.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { hasEntityKeys } from '../processes/entity-row.ts';
import type { EntityIndex } from '../store/entity-index.ts';
import { ReferenceCheck } from './check-references.ts';
import type { EntityFinder } from './entity-lookup.ts';
import type { Relations } from './judge-rows.ts';
import { ChangePlanner } from './plan-change.ts';
import { ReferenceResolver } from './resolve-references.ts';

/** Where entities are looked up while rows are judged. */
export interface EntityStores {
  readonly entityIndex: EntityIndex;
  readonly entities: EntityFinder;
}

/** What the action's rows have to do with entities that there are. */
export async function openRelations(
  { entityIndex, entities }: EntityStores,
  { accountId, actionId }: Pick<BulkAction, 'accountId' | 'actionId'>,
  process: ProcessDefinition,
): Promise<Relations> {
  const references = await ReferenceCheck.open(entityIndex, accountId, process);
  if (!hasEntityKeys(process)) return { references };
  const planning = { accountId, actionId, process };
  return {
    references,
    changes: async (rows) => {
      const [resolver, planner] = await Promise.all([
        ReferenceResolver.learn(entities, planning, rows),
        ChangePlanner.learn(entities, planning, rows),
      ]);
      return { resolver, planner };
    },
  };
}
