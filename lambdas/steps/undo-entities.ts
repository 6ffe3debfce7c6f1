import type { BulkAction } from '../model/action.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { RowError } from '../model/row.ts';
import type { RowToUndo, UndoneRow, UndoVerdict } from '../model/undone-row.ts';
import { requireProcess } from '../processes/registry.ts';
import { concurrently } from '../store/concurrently.ts';
import type { EntityIndex } from '../store/entity-index.ts';
import type { EntityHome } from '../store/entity-keys.ts';
import type { RegistryTable } from '../store/registry-table.ts';
import { type ChangeStores, undoChanges } from './undo-changes.ts';

export interface UndoStores extends ChangeStores {
  readonly registry: RegistryTable;
  readonly entityIndex: EntityIndex;
}

const looksAtATime = 16;

/**
 * Makes the entities of a page of an ended action's rows what they were before the action, and answers each row in order.
 * Entities that others have changed since are left alone. Harmless to repeat, also after a kill midway: the answers are the
 * same. Pages of some hundred rows are best; where entities have parents, the last rows go first, as an entity goes only
 * when nothing stands below it. What the rows themselves say, and mappings, are the caller's.
 */
export async function undoEntities(
  stores: UndoStores,
  { accountId, actionId, processName }: Pick<BulkAction, 'accountId' | 'actionId' | 'processName'>,
  rows: readonly RowToUndo[],
): Promise<UndoneRow[]> {
  const process = requireProcess(processName);
  const home = { accountId, entity: process.entity };
  const verdicts = process.entityKeys
    ? await undoChanges(stores, { home, actionId }, new Set(rows.map(({ entityId }) => entityId)))
    : await undoCreations(stores, { home, actionId, process }, rows);
  return rows.map(({ rowNumber, entityId }) => ({
    rowNumber,
    entityId,
    ...(verdicts.get(entityId) as UndoVerdict),
  }));
}

interface Creation {
  readonly home: EntityHome;
  readonly actionId: string;
  readonly process: Pick<ProcessDefinition, 'parent'>;
}

/** Of kinds that do not change, an entity goes while it is still the one that the action made. */
async function undoCreations(
  { registry, entityIndex }: UndoStores,
  { home, actionId, process }: Creation,
  rows: readonly RowToUndo[],
): Promise<ReadonlyMap<string, UndoVerdict>> {
  const named = await concurrently(rows, looksAtATime, async ({ uniqueIdentifier }) => {
    const below = process.parent ? await entityIndex.children(home, uniqueIdentifier, { limit: 1 }) : [];
    return below.length > 0;
  });
  const free = rows.filter((_, index) => !named[index]).map(({ entityId }) => entityId);
  const others = await registry.remove(home, actionId, free);
  const verdictOf = (entityId: string, isNamed: boolean | undefined): UndoVerdict => {
    if (isNamed) return { kind: 'skipped', error: stillNamed(home.entity) };
    const other = others.get(entityId);
    return other === undefined ? { kind: 'deleted' } : { kind: 'skipped', error: madeByOther(home.entity, other) };
  };
  return new Map(rows.map(({ entityId }, index) => [entityId, verdictOf(entityId, named[index])]));
}

function stillNamed(entity: string): RowError {
  return { code: 'still_named', message: `Others stand below this ${entity}, so it stays. Undo those first.` };
}

function madeByOther(entity: string, actionId: string): RowError {
  const message = `The ${entity} is one that action ${actionId} made, so it stays as it is.`;
  return { code: 'changed_since', message };
}
