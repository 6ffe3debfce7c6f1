import type { OutsideServices } from '../model/service-configuration.ts';
import type { ServicePlaces } from '../store/service-places.ts';
import type { BoundaryTarget } from './boundary-target.ts';
import type { EntityTarget } from './entity-target.ts';
import type { ReadSecret } from './http/credentials.ts';
import { OutsideTargets } from './http/outside-services.ts';
import { SharedLimitState } from './http/shared-limit-state.ts';

/** A batch came for a service that this stage does not know, or not any more. */
export class UnknownServiceError extends Error {
  override readonly name = 'UnknownServiceError';
}

interface Surroundings {
  readonly services: OutsideServices;
  readonly places: ServicePlaces;
  readonly readSecret: ReadSecret;
}

/** Finds the place where a process's entities are created. */
export function outsideEntityTargets(surroundings: Surroundings): (processName: string) => EntityTarget {
  const targets = outsideTargets(surroundings);
  return (processName) => {
    const target = targets.entityTarget(processName);
    if (target) return target;
    throw new UnknownServiceError(`No service outside is configured for the entities of ${processName}.`);
  };
}

/** Finds the place where a process's entities are mapped to boundaries: a service outside, else the registry. */
export function boundaryTargets(
  surroundings: Surroundings,
  registry: BoundaryTarget,
): (processName: string) => BoundaryTarget {
  const targets = outsideTargets(surroundings);
  return (processName) => targets.boundaryTarget(processName) ?? registry;
}

function outsideTargets({ services, places, readSecret }: Surroundings): OutsideTargets {
  return new OutsideTargets(services, { readSecret, limitState: new SharedLimitState(places) });
}
