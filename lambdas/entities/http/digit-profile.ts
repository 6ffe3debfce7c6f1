import {
  type RequestTemplate,
  type ServiceConfiguration,
  type ServiceConfigurationInput,
  type ServiceOperationInput,
  serviceConfigurationSchema,
} from '../../model/service-configuration.ts';

type Connection = Pick<ServiceConfigurationInput, 'auth' | 'secrets' | 'allowPrivate' | 'limits' | 'timeouts'>;

/** Where the services of a DIGIT installation are and what all requests to them say. */
export interface DigitProfile extends Connection {
  /** The gateway, e.g. `https://digit.example.org`. */
  readonly baseUrl: string;
  readonly tenantId: string;
  /** `RequestInfo.userInfo`, as the installation expects it; DIGIT's gateway replaces it with the token's user. */
  readonly userInfo?: RequestTemplate;
  /** Paths of the services where they differ from the specification's. */
  readonly paths?: Partial<typeof specifiedPaths>;
}

/** What an employee needs beyond its row. */
export interface DigitEmployee {
  /** Code of the boundary hierarchy that jurisdictions belong to. */
  readonly hierarchy: string;
  /** Type of the boundaries that rows name. */
  readonly boundaryType: string;
  /** For installations that want an assignment for each employee. */
  readonly assignment?: { readonly department: string; readonly designation: string };
}

const specifiedPaths = { facility: '/facility', hrms: '/egov-hrms', project: '/project' };

const row = (name: string) => `{{row.${name}}}`;

/** Codes with which the services refuse what they have already. */
const duplicate = { path: 'Errors.code', oneOf: ['DUPLICATE_ENTITY'] };
const employeeExists = [
  'ERR_HRMS_USER_EXIST_MOB',
  'ERR_HRMS_USER_EXIST_USERNAME',
  'HRMS_EMPLOYEE_CREATE_USERNAME_ALREADY_EXISTS',
];
const messagePaths = ['Errors.message', 'Errors.description', 'errorMessage', 'message'];

/**
 * `facilityCreation` in DIGIT's facility registry. Its `_create` has no idempotency key and its bulk form answers
 * without ids, so facilities are looked up by `clientReferenceId` first and created one by one.
 */
export function digitFacilities(profile: DigitProfile): ServiceConfiguration {
  const url = `${serviceUrl(profile, 'facility')}/v1`;
  const insert: ServiceOperationInput = {
    single: {
      request: { url: `${url}/_create`, body: withInfo(profile, '_create', { Facility: facilityOf(profile) }) },
      resultPath: 'Facility',
    },
    idPaths: ['id'],
    messagePaths,
    lookups: [
      {
        name: 'facility',
        request: {
          url: searchUrl(`${url}/_search`, profile),
          body: withInfo(profile, '_search', { Facility: { clientReferenceId: { $rows: '{{entityId}}' } } }),
        },
        rows: 100,
        results: { paths: ['Facilities'], match: { answer: ['clientReferenceId'], request: ['entityId'] } },
      },
    ],
  };
  return configure(profile, 'digit-facilities', { entities: { insert } });
}

function facilityOf({ tenantId }: DigitProfile): RequestTemplate {
  return {
    tenantId,
    clientReferenceId: '{{entityId}}',
    name: row('facilityName'),
    isPermanent: { $choose: 'row.facilityStatus', $from: { Permanent: true, Temporary: false } },
    usage: row('facilityType'),
    storageCapacity: row('capacity'),
    address: {
      tenantId,
      latitude: row('latitude'),
      longitude: row('longitude'),
      locality: { code: row('boundaryCode.0') },
    },
  };
}

/**
 * `userCreation` as employees. The row's mobile number is the employee's code too, so that an employee is refused
 * the second time, by whichever of the two; it is then found and adopted.
 */
export function digitEmployees(profile: DigitProfile, employee: DigitEmployee): ServiceConfiguration {
  const url = `${serviceUrl(profile, 'hrms')}/employees`;
  const body = withInfo(profile, '_create', { Employees: { $rows: employeeOf(profile, employee) } });
  const key = { answer: ['code'], request: ['uniqueIdentifier'] };
  const insert: ServiceOperationInput = {
    bulk: {
      request: { url: `${url}/_create`, body },
      rows: 50,
      results: { paths: ['Employees', 'Errors'], match: key },
    },
    // Newer versions keep the user's own id apart from that of the person.
    idPaths: ['user.userServiceUuid', 'user.uuid', 'uuid'],
    messagePaths,
    rules: {
      exists: [
        { path: 'Errors.code', oneOf: employeeExists },
        { path: 'errorCode', oneOf: employeeExists },
      ],
      refused: [{ path: 'errorCode' }],
    },
    lookups: [
      employeeLookup(profile, url, 'byCode', 'codes', key),
      employeeLookup(profile, url, 'byPhone', 'phone', {
        answer: ['user.mobileNumber'],
        request: ['uniqueIdentifier'],
      }),
    ],
  };
  return configure(profile, 'digit-employees', { entities: { insert } });
}

function employeeLookup(
  profile: DigitProfile,
  url: string,
  name: string,
  parameter: string,
  match: { answer: string[]; request: string[] },
) {
  const request = {
    url: `${searchUrl(`${url}/_search`, profile)}&${parameter}={{uniqueIdentifier}}`,
    body: withInfo(profile, '_search', {}),
  };
  return { name, when: 'exists' as const, request, results: { paths: ['Employees'], match } };
}

function employeeOf({ tenantId }: DigitProfile, employee: DigitEmployee): RequestTemplate {
  const { hierarchy, boundaryType, assignment } = employee;
  return {
    tenantId,
    code: '{{uniqueIdentifier}}',
    employeeStatus: 'EMPLOYED',
    employeeType: { $choose: 'row.employmentType', $from: { Permanent: 'PERMANENT', Temporary: 'TEMPORARY' } },
    jurisdictions: { $each: 'row.boundaryCode', $make: { hierarchy, boundaryType, boundary: '{{each}}', tenantId } },
    assignments: assignment ? [{ ...assignment, fromDate: '{{call.now}}', isCurrentAssignment: true }] : [],
    user: {
      name: row('name'),
      mobileNumber: row('mobileNumber'),
      userName: '{{uniqueIdentifier}}',
      // Sent only when the service has a secret of this name; DIGIT makes passwords up itself if told so.
      password: '{{secrets.initialPassword}}',
      type: 'EMPLOYEE',
      // The date of birth is mandatory there and unknown here.
      dob: 0,
      roles: { $each: 'row.role', $make: { name: '{{each}}', code: '{{each}}', tenantId } },
      tenantId,
    },
  };
}

/** One kind of link between a project and something else. */
interface Link {
  /** `{path}/v1/_create` under the project service. */
  readonly path: string;
  /** The link in a request and, in a list, in a search's answer. */
  readonly one: string;
  readonly many: string;
  /** Where the linked thing's id stands in a link, and which of our values it is. */
  readonly idPath: string;
  readonly ourId: string;
  /** The search's filter for it, where there is one. */
  readonly filter?: string;
  /** The linked thing's id, as the link's fields say it. */
  readonly fields: Readonly<Record<string, RequestTemplate>>;
}

const facilityLink: Link = {
  path: '/facility',
  one: 'ProjectFacility',
  many: 'ProjectFacilities',
  idPath: 'facilityId',
  ourId: 'entityId',
  filter: 'facilityId',
  fields: { facilityId: '{{entityId}}' },
};
const staffLink: Link = {
  path: '/staff',
  one: 'ProjectStaff',
  many: 'ProjectStaff',
  idPath: 'userId',
  ourId: 'entityId',
  filter: 'staffId',
  fields: { userId: '{{entityId}}' },
};
const resourceLink: Link = {
  path: '/resource',
  one: 'ProjectResource',
  many: 'ProjectResources',
  idPath: 'resource.productVariantId',
  ourId: 'uniqueIdentifier',
  fields: { resource: { productVariantId: '{{uniqueIdentifier}}', isBaseUnitVariant: false } },
};

/**
 * Boundaries by way of projects: DIGIT has one project for each boundary of a campaign, and facilities, staff and
 * resources are linked to it. The project is the one whose `referenceID` is the reference and whose address is at
 * the boundary; where there is none yet the mapping waits.
 */
export function digitBoundaries(profile: DigitProfile): ServiceConfiguration {
  return configure(profile, 'digit-boundaries', {
    boundaries: {
      facility: linkOperations(profile, facilityLink),
      user: linkOperations(profile, staffLink),
      resource: linkOperations(profile, resourceLink),
    },
  });
}

function linkOperations(profile: DigitProfile, link: Link) {
  const url = `${serviceUrl(profile, 'project')}${link.path}/v1`;
  const { tenantId } = profile;
  const created = { tenantId, projectId: '{{found.project.id}}', ...link.fields };
  const notYet = [{ path: 'Errors.code', oneOf: ['NON_EXISTENT_SUB_ENTITY', 'NON_EXISTENT_RELATED_ENTITY'] }];
  const attach = {
    single: linkRequest(profile, link, `${url}/_create`, '_create', created),
    idPaths: ['id'],
    messagePaths,
    rules: { exists: [duplicate], notYet },
    lookups: [
      projectLookup(profile),
      linkLookup(profile, link, url),
      // The first search may have met its limit of records.
      { ...linkLookup(profile, link, url), rows: 1, when: 'exists' },
    ],
  } satisfies ServiceOperationInput;
  const detach = {
    // The service compares the row version, so the link is sent back as it was found.
    single: linkRequest(profile, link, `${url}/_delete`, '_delete', '{{found.link}}'),
    messagePaths,
    rules: { absent: [{ path: 'Errors.code', oneOf: ['NON_EXISTENT_ENTITY'] }] },
    lookups: [
      { ...projectLookup(profile), missing: 'done' },
      { ...linkLookup(profile, link, url), found: 'continue', missing: 'done' },
    ],
  } satisfies ServiceOperationInput;
  return { attach, detach };
}

function linkRequest(profile: DigitProfile, { one }: Link, url: string, action: string, value: RequestTemplate) {
  return { request: { url, body: withInfo(profile, action, { [one]: value }) }, resultPath: one };
}

function projectLookup(profile: DigitProfile) {
  const { tenantId } = profile;
  const sought = { tenantId, referenceID: '{{referenceId}}', address: { boundary: '{{boundaryCode}}' } };
  return {
    name: 'project',
    request: {
      url: searchUrl(`${serviceUrl(profile, 'project')}/v1/_search`, profile),
      body: withInfo(profile, '_search', { Projects: { $rows: sought } }),
    },
    rows: 100,
    results: { paths: ['Project'], match: { answer: ['address.boundary'], request: ['boundaryCode'] } },
    found: 'continue' as const,
    missing: 'not_yet' as const,
  };
}

function linkLookup(profile: DigitProfile, link: Link, url: string) {
  const filter = link.filter && { [link.filter]: { $rows: `{{${link.ourId}}}` } };
  return {
    name: 'link',
    request: {
      url: searchUrl(`${url}/_search`, profile),
      body: withInfo(profile, '_search', { [link.one]: { projectId: { $rows: '{{found.project.id}}' }, ...filter } }),
    },
    rows: 100,
    results: {
      paths: [link.many],
      match: { answer: ['projectId', link.idPath], request: ['found.project.id', link.ourId] },
    },
  };
}

function configure(
  profile: DigitProfile,
  name: string,
  operations: Pick<ServiceConfigurationInput, 'entities' | 'boundaries'>,
): ServiceConfiguration {
  const { auth, secrets, allowPrivate, limits, timeouts } = profile;
  return serviceConfigurationSchema.parse({ name, auth, secrets, allowPrivate, limits, timeouts, ...operations });
}

function serviceUrl({ baseUrl, paths }: DigitProfile, service: keyof typeof specifiedPaths): string {
  return `${baseUrl.replace(/\/+$/, '')}${paths?.[service] ?? specifiedPaths[service]}`;
}

/** A search answers at most 1,000 records and wants to be told so. */
function searchUrl(url: string, { tenantId }: DigitProfile): string {
  return `${url}?tenantId=${encodeURIComponent(tenantId)}&limit=1000&offset=0`;
}

/** Every body carries who asks, when, and with which token. */
function withInfo({ userInfo }: DigitProfile, action: string, body: Record<string, RequestTemplate>): RequestTemplate {
  const info: Record<string, RequestTemplate> = {
    apiId: 'Rollcall',
    ver: '1.0',
    ts: '{{call.now}}',
    action,
    msgId: '{{call.id}}',
    authToken: '{{auth.token}}',
  };
  return { RequestInfo: userInfo === undefined ? info : { ...info, userInfo }, ...body };
}
