import type { BoundaryContext, BoundaryRequest } from '../../../lambdas/entities/boundary-target.ts';
import type { EntityContext, EntityRequest } from '../../../lambdas/entities/entity-target.ts';
import { HttpEntityTarget } from '../../../lambdas/entities/http/http-entity-target.ts';
import { type RestProfile, restProfile } from '../../../lambdas/entities/http/rest-profile.ts';
import { OutsideService, type ServiceSurroundings } from '../../../lambdas/entities/http/service.ts';
import { derivedUuid } from '../../../lambdas/model/identity.ts';
import type { ServiceConfiguration } from '../../../lambdas/model/service-configuration.ts';

export const entityContext: EntityContext = {
  accountId: 'acme',
  referenceId: 'cmp-1',
  processName: 'facilityCreation',
  actionId: 'a-1',
  entity: 'facility',
  action: 'insert',
};

export const boundaryContext: BoundaryContext = {
  accountId: 'acme',
  referenceId: 'cmp-1',
  processName: 'facilityCreation',
};

export function facilityRequests(count: number): EntityRequest[] {
  return Array.from({ length: count }, (_, i) => facilityRequest(`Clinic ${i + 1}`, i + 2));
}

export function facilityRequest(facilityName: string, rowNumber = 2): EntityRequest {
  return {
    entityId: derivedUuid('test', facilityName),
    uniqueIdentifier: facilityName,
    rowNumber,
    data: { facilityName, facilityType: 'Warehouse', facilityStatus: 'Permanent', capacity: 10, boundaryCode: ['B1'] },
  };
}

export function boundaryRequest(
  name: string,
  boundaryCode: string,
  more: Partial<BoundaryRequest> = {},
): BoundaryRequest {
  return {
    idempotencyKey: derivedUuid('attach', name, boundaryCode),
    uniqueIdentifier: name,
    boundaryCode,
    type: 'facility',
    entityId: `svc-${name}`,
    mappingId: null,
    ...more,
  };
}

/** Patience of tenths of seconds, so that a service that hangs is found out soon. */
export const shortTimeouts = { connectMs: 10_000, headersMs: 200, bodyMs: 200, totalMs: 20_000 };
const generousLimits = { ratePerSecond: 10_000, burst: 10_000, concurrency: 8, maxWaitMs: 5_000 };

/** A REST service on this machine. */
export function localRest(baseUrl: string, profile: Partial<RestProfile> = {}): ServiceConfiguration {
  return restProfile({
    name: 'depot',
    baseUrl,
    allowPrivate: true,
    limits: generousLimits,
    entities: { path: '/facilities' },
    boundaries: { path: '/mappings' },
    ...profile,
  });
}

export function surroundings(more: Partial<ServiceSurroundings> = {}): ServiceSurroundings {
  const readSecret = async (name: string) => {
    throw new Error(`no test asked for the secret ${name}`);
  };
  return { readSecret, ...more };
}

export function entityTarget(configuration: ServiceConfiguration, more: Partial<ServiceSurroundings> = {}) {
  return new HttpEntityTarget(new OutsideService(configuration, surroundings(more)));
}

/** How many outcomes there are of each kind. */
export function kinds(outcomes: readonly { readonly kind: string }[]): Record<string, number> {
  return Object.fromEntries(
    Map.groupBy(outcomes, ({ kind }) => kind)
      .entries()
      .map(([kind, all]) => [kind, all.length]),
  );
}
