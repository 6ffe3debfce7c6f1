import {
  type RequestTemplate,
  type ServiceConfiguration,
  type ServiceConfigurationInput,
  type ServiceOperationInput,
  serviceConfigurationSchema,
} from '../../model/service-configuration.ts';

type Connection = Pick<
  ServiceConfigurationInput,
  'name' | 'auth' | 'secrets' | 'allowPrivate' | 'limits' | 'timeouts' | 'keepsEntityId'
>;

/** A collection of a REST service. */
export interface RestCollection {
  /** Below the base address, e.g. `/facilities`. */
  readonly path: string;
  /** Rows in one call to `{path}/bulk`; absent for a service that takes one at a time. */
  readonly bulkRows?: number;
  /** What is sent for one row; the profile's own form by default. */
  readonly body?: RequestTemplate;
}

export interface RestProfile extends Connection {
  /** Scheme, host and what all paths start with. */
  readonly baseUrl: string;
  readonly entities?: RestCollection;
  readonly boundaries?: RestCollection;
}

const idempotencyHeader = 'idempotency-key';

const entityBody = {
  externalId: '{{entityId}}',
  uniqueIdentifier: '{{uniqueIdentifier}}',
  referenceId: '{{referenceId}}',
  data: '{{row}}',
};

const mappingBody = {
  externalId: '{{idempotencyKey}}',
  type: '{{type}}',
  entityId: '{{entityId}}',
  uniqueIdentifier: '{{uniqueIdentifier}}',
  boundaryCode: '{{boundaryCode}}',
  referenceId: '{{referenceId}}',
};

/**
 * A service with plain REST collections, as docs/services.md describes them. Changing and removing entities needs a
 * service that keeps Rollcall's ids: they are what its addresses are made of.
 */
export function restProfile(profile: RestProfile): ServiceConfiguration {
  const { baseUrl, entities, boundaries, ...connection } = profile;
  const base = baseUrl.replace(/\/+$/, '');
  return serviceConfigurationSchema.parse({
    ...connection,
    ...(entities && { entities: entityOperations(`${base}${entities.path}`, entities, connection.keepsEntityId) }),
    ...(boundaries && { boundaries: boundaryOperations(`${base}${boundaries.path}`, boundaries) }),
  });
}

function entityOperations(url: string, collection: RestCollection, keepsEntityId = false) {
  const insert = create(url, collection, collection.body ?? entityBody, 'entityId');
  if (!keepsEntityId) return { insert };
  const body = collection.body ?? entityBody;
  const put: ServiceOperationInput = {
    single: { request: { method: 'PUT', url: `${url}/{{entityId}}`, body } },
    idempotencyHeader,
  };
  return { insert, update: put, upsert: put, delete: remove(`${url}/{{entityId}}`) };
}

function boundaryOperations(url: string, collection: RestCollection) {
  const attach = create(url, collection, collection.body ?? mappingBody, 'idempotencyKey');
  const pair = {
    attach: { ...attach, rules: { ...attach.rules, notYet: [{ status: [404] }] } },
    detach: { ...remove(`${url}/{{mappingId}}`), ...bulkRemoval(url, collection.bulkRows) },
  };
  return { resource: pair, facility: pair, user: pair };
}

function create(url: string, { bulkRows }: RestCollection, body: RequestTemplate, key: string) {
  return {
    single: { request: { url, body } },
    ...(bulkRows !== undefined && {
      bulk: {
        request: { url: `${url}/bulk`, body: { items: { $rows: body } } },
        rows: bulkRows,
        results: { paths: ['results'], match: { answer: ['externalId'], request: [key] }, statusPath: 'status' },
      },
    }),
    idPaths: ['id'],
    idempotencyHeader,
    rules: { exists: [{ status: [409] }] },
    lookups: [
      {
        name: 'existing',
        when: 'exists',
        request: { method: 'GET', url: `${url}?externalId={{${key}}}` },
        results: { paths: ['items'], match: { answer: ['externalId'], request: [key] } },
      },
    ],
  } satisfies ServiceOperationInput;
}

function remove(url: string): ServiceOperationInput {
  return { single: { request: { method: 'DELETE', url } }, rules: { absent: [{ status: [404, 410] }] } };
}

function bulkRemoval(url: string, bulkRows: number | undefined): Partial<ServiceOperationInput> {
  if (bulkRows === undefined) return {};
  const request = { url: `${url}/bulk-delete`, body: { ids: { $rows: '{{mappingId}}' } } };
  const results = { paths: ['results'], match: { answer: ['id'], request: ['mappingId'] }, statusPath: 'status' };
  return { bulk: { request, rows: bulkRows, results } };
}
