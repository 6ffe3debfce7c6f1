import type { RegistryTable } from '../store/registry-table.ts';
import type { EntityContext, EntityOutcome, EntityRequest, EntityTarget } from './entity-target.ts';

/** The embedded home of entities. Ids follow from the rows, so a second creation can only meet the first. */
export class RegistryTarget implements EntityTarget {
  readonly keepsEntityId = true;
  private readonly registry: RegistryTable;

  constructor(registry: RegistryTable) {
    this.registry = registry;
  }

  async apply(requests: readonly EntityRequest[], context: EntityContext): Promise<EntityOutcome[]> {
    await this.registry.create(context, requests);
    return requests.map(({ entityId }) => ({ kind: 'done', entityId }));
  }
}
