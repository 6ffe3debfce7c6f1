import { type MappingScope, mappingIdOf } from '../model/mapping.ts';
import type { RegistryTable } from '../store/registry-table.ts';
import type { BoundaryContext, BoundaryRequest, BoundaryTarget, MappingOutcome } from './boundary-target.ts';

/** The embedded home of boundary mappings. Ids follow from the pairs, so a second attachment can only meet the first. */
export class BoundaryRegistry implements BoundaryTarget {
  readonly attachesBlindly = true;
  private readonly registry: RegistryTable;

  constructor(registry: RegistryTable) {
    this.registry = registry;
  }

  async attach(requests: readonly BoundaryRequest[], context: BoundaryContext): Promise<MappingOutcome[]> {
    const ready = requests.flatMap(({ entityId, ...request }) => (entityId === null ? [] : [{ ...request, entityId }]));
    for (const [type, group] of Map.groupBy(ready, (request) => request.type)) {
      const scope = { ...context, type };
      await this.registry.attach(
        scope,
        group.map((request) => ({ ...request, mappingId: mappingIdOf(scope, request) })),
      );
    }
    return requests.map((request) => (request.entityId === null ? withoutEntity : attached(request, context)));
  }

  async detach(requests: readonly BoundaryRequest[], context: BoundaryContext): Promise<MappingOutcome[]> {
    for (const [type, group] of Map.groupBy(requests, (request) => request.type)) {
      const scope: MappingScope = { ...context, type };
      await this.registry.detach(
        scope,
        group.map((request) => mappingIdOf(scope, request)),
      );
    }
    return requests.map(() => ({ kind: 'done', mappingId: null }));
  }
}

const withoutEntity: MappingOutcome = {
  kind: 'not_yet',
  error: { code: 'entity_missing', message: 'The entity does not exist yet.' },
};

function attached(request: BoundaryRequest, context: BoundaryContext): MappingOutcome {
  return { kind: 'done', mappingId: mappingIdOf({ ...context, type: request.type }, request) };
}
