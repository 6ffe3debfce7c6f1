import type { MappingType } from '../../model/mapping.ts';
import type { RowError } from '../../model/row.ts';
import type { ServiceOperation } from '../../model/service-configuration.ts';
import type { BoundaryContext, BoundaryRequest, BoundaryTarget, MappingOutcome } from '../boundary-target.ts';
import { OperationRun } from './operation-run.ts';
import type { OutsideService } from './service.ts';
import type { ItemOutcome, ServiceItem } from './service-item.ts';
import type { ServiceSession } from './service-session.ts';

type Direction = 'attach' | 'detach';

interface Numbered {
  readonly index: number;
  readonly request: BoundaryRequest;
}

/** Mappings to boundaries in a service outside. */
export class HttpBoundaryTarget implements BoundaryTarget {
  readonly #service: OutsideService;

  constructor(service: OutsideService) {
    this.#service = service;
  }

  attach(requests: readonly BoundaryRequest[], context: BoundaryContext): Promise<MappingOutcome[]> {
    return this.#apply('attach', requests, context);
  }

  detach(requests: readonly BoundaryRequest[], context: BoundaryContext): Promise<MappingOutcome[]> {
    return this.#apply('detach', requests, context);
  }

  async #apply(direction: Direction, requests: readonly BoundaryRequest[], context: BoundaryContext) {
    using session = this.#service.open(context.signal);
    const outcomes = requests.map(() => withoutEntity);
    const ready = requests.map((request, index) => ({ index, request })).filter(({ request }) => request.entityId);
    // One type after the other, which may each have a place of their own at the service.
    for (const [type, group] of Map.groupBy(ready, ({ request }) => request.type)) {
      const done = await this.#applyGroup(direction, type, group, context, session);
      for (const [i, { index }] of group.entries()) outcomes[index] = done[i] as MappingOutcome;
    }
    return outcomes;
  }

  async #applyGroup(
    direction: Direction,
    type: MappingType,
    group: readonly Numbered[],
    { signal: _, ...common }: BoundaryContext,
    session: ServiceSession,
  ): Promise<MappingOutcome[]> {
    const operation = this.#operationOf(type, direction);
    const items = group.map(({ request }) => itemOf(request));
    const outcomes = await new OperationRun(operation, { ...common, type }, session).run(items);
    return outcomes.map((outcome) => mappingOutcome(outcome, direction));
  }

  #operationOf(type: MappingType, direction: Direction): ServiceOperation {
    const { name, boundaries } = this.#service.configuration;
    const operation = boundaries?.[type]?.[direction];
    if (operation !== undefined) return operation;
    throw new Error(`the service ${name} is not configured to ${direction} anything of type ${type}`);
  }
}

const noEntity: RowError = { code: 'entity_missing', message: 'The entity has not been created yet.' };
const withoutEntity: MappingOutcome = { kind: 'not_yet', error: noEntity };

function itemOf(request: BoundaryRequest): ServiceItem {
  const { idempotencyKey, ...scope } = request;
  return { idempotencyKey, scope };
}

function mappingOutcome(outcome: ItemOutcome, direction: Direction): MappingOutcome {
  if (outcome.kind !== 'done') return outcome;
  return { kind: 'done', mappingId: direction === 'attach' ? outcome.id : null };
}
