import { blockedByParent, hierarchyLevels, parentTooDeep } from '../model/hierarchy.ts';
import type { RowError } from '../model/row.ts';
import type { EntityIndex } from '../store/entity-index.ts';
import type { EntityPlace, RegistryTable } from '../store/registry-table.ts';
import type { EntityContext, EntityOutcome, EntityRequest, EntityTarget } from './entity-target.ts';

/**
 * The embedded home of entities. Ids follow from the rows, so a second creation can only meet the first. In a hierarchy an
 * entity is created under its parent only, never before it.
 */
export class RegistryTarget implements EntityTarget {
  readonly keepsEntityId = true;
  readonly checksParents = true;
  private readonly registry: RegistryTable;
  private readonly index: EntityIndex;

  constructor({ registry, entityIndex }: { registry: RegistryTable; entityIndex: EntityIndex }) {
    this.registry = registry;
    this.index = entityIndex;
  }

  async apply(requests: readonly EntityRequest[], context: EntityContext): Promise<EntityOutcome[]> {
    if (context.dryRun) return this.rehearse(requests, context);
    const levels = await this.levelsOfParents(requests, context);
    const placed = requests.map((request) => ({ ...request, ...placeOf(request, levels) }));
    const known = await this.registry.create(
      context,
      placed.filter(({ error }) => error === undefined),
    );
    return placed.map(({ entityId, error }) => {
      if (error) return { kind: 'refused', error };
      return { kind: 'done', entityId, effect: known.has(entityId) ? 'known' : 'created' };
    });
  }

  /** What creating would answer. Parents of the same dry run are nowhere but in its sheet, where staging has seen them. */
  private async rehearse(requests: readonly EntityRequest[], context: EntityContext): Promise<EntityOutcome[]> {
    const known =
      context.entityScope === 'account' ? await this.registry.madeElsewhere(context, requests) : new Set<string>();
    return requests.map(({ entityId }) => ({
      kind: 'done',
      entityId,
      effect: known.has(entityId) ? 'known' : 'created',
    }));
  }

  private async levelsOfParents(
    requests: readonly EntityRequest[],
    context: EntityContext,
  ): Promise<ReadonlyMap<string, number>> {
    const parents = new Set(requests.flatMap(({ parent = '' }) => (parent === '' ? [] : [parent])));
    return parents.size === 0 ? new Map() : this.index.levels(context, [...parents]);
  }
}

/** Where an entity is to stand, or why it can't. Nothing for what stands in no hierarchy. */
function placeOf(
  { parent }: EntityRequest,
  levels: ReadonlyMap<string, number>,
): { place?: EntityPlace; error?: RowError } {
  if (parent === undefined) return {};
  if (parent === '') return { place: { parent, level: 0 } };
  const level = levels.get(parent);
  if (level === undefined) return { error: blockedByParent(parent) };
  return level + 1 < hierarchyLevels ? { place: { parent, level: level + 1 } } : { error: parentTooDeep(parent) };
}
