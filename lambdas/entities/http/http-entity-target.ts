import type { ServiceOperation } from '../../model/service-configuration.ts';
import type { EntityContext, EntityOutcome, EntityRequest, EntityTarget } from '../entity-target.ts';
import { OperationRun } from './operation-run.ts';
import type { OutsideService } from './service.ts';
import type { ItemOutcome, ServiceItem } from './service-item.ts';

/** Entities in a service outside. */
export class HttpEntityTarget implements EntityTarget {
  readonly keepsEntityId: boolean;
  readonly #service: OutsideService;

  constructor(service: OutsideService) {
    this.keepsEntityId = service.configuration.keepsEntityId;
    this.#service = service;
  }

  /** Throws when the service is not configured for the context's action. */
  async apply(requests: readonly EntityRequest[], context: EntityContext): Promise<EntityOutcome[]> {
    // A service can't be asked what it would do: a dry run takes it that it has nothing against the rows.
    if (context.dryRun) return requests.map(({ entityId }) => ({ kind: 'done', entityId, effect: 'created' }));
    const { stop, signal, ...common } = context;
    const operation = this.#operationOf(context);
    using session = this.#service.open(signal, stop);
    const outcomes = await new OperationRun(operation, common, session).run(requests.map(itemOf));
    return outcomes.map((outcome, i) => entityOutcome(outcome, requests[i] as EntityRequest));
  }

  #operationOf({ action, processName }: EntityContext): ServiceOperation {
    const { name, entities } = this.#service.configuration;
    const operation = entities?.[action];
    if (operation !== undefined) return operation;
    throw new Error(`the service ${name} is not configured for ${action}, which ${processName} asks for`);
  }
}

function itemOf({ entityId, uniqueIdentifier, rowNumber, data }: EntityRequest): ServiceItem {
  return { idempotencyKey: entityId, scope: { entityId, uniqueIdentifier, rowNumber, row: data } };
}

/** A row that waits for something at the service is brought again by the queue. */
function entityOutcome(outcome: ItemOutcome, request: EntityRequest): EntityOutcome {
  if (outcome.kind === 'done') return { kind: 'done', entityId: outcome.id ?? request.entityId, effect: 'created' };
  return outcome.kind === 'not_yet' ? { kind: 'transient', error: outcome.error } : outcome;
}
