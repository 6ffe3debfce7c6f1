import type { OutsideServices } from '../../model/service-configuration.ts';
import type { BoundaryTarget } from '../boundary-target.ts';
import type { EntityTarget } from '../entity-target.ts';
import { HttpBoundaryTarget } from './http-boundary-target.ts';
import { HttpEntityTarget } from './http-entity-target.ts';
import { MemoryLimitState } from './limit-state.ts';
import { OutsideService, type ServiceSurroundings } from './service.ts';

/** The services outside that a stage knows; make one for the life of the process, so that limits and tokens last. */
export class OutsideTargets {
  readonly #configuration: OutsideServices;
  readonly #services: ReadonlyMap<string, OutsideService>;

  constructor(configuration: OutsideServices, surroundings: ServiceSurroundings) {
    const limitState = surroundings.limitState ?? new MemoryLimitState();
    this.#configuration = configuration;
    this.#services = new Map(
      configuration.services.map((one) => [one.name, new OutsideService(one, { ...surroundings, limitState })]),
    );
  }

  /** Where the process's entities are created; undefined for the embedded registry. */
  entityTarget(processName: string): EntityTarget | undefined {
    const service = this.#serviceOf(processName, 'entities');
    return service && new HttpEntityTarget(service);
  }

  /** Where the process's entities are mapped to boundaries; undefined for the embedded registry. */
  boundaryTarget(processName: string): BoundaryTarget | undefined {
    const service = this.#serviceOf(processName, 'boundaries');
    return service && new HttpBoundaryTarget(service);
  }

  #serviceOf(processName: string, part: 'entities' | 'boundaries'): OutsideService | undefined {
    const processes = this.#configuration.processes;
    const name = Object.hasOwn(processes, processName) ? processes[processName]?.[part] : undefined;
    return name === undefined ? undefined : this.#services.get(name);
  }
}
