import { afterEach, describe, expect, it } from 'vitest';
import {
  type DigitProfile,
  digitBoundaries,
  digitEmployees,
  digitFacilities,
} from '../../../lambdas/entities/http/digit-profile.ts';
import { HttpBoundaryTarget } from '../../../lambdas/entities/http/http-boundary-target.ts';
import { OutsideService } from '../../../lambdas/entities/http/service.ts';
import { DigitServices } from '../../support/digit-services.ts';
import { OutsideServer } from '../../support/outside-service.ts';
import {
  boundaryContext,
  boundaryRequest,
  entityContext,
  entityTarget,
  facilityRequest,
  facilityRequests,
  kinds,
  surroundings,
} from './http-fixtures.ts';

const started: OutsideServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server[Symbol.asyncDispose]();
});

async function start() {
  const digit = new DigitServices('cmp-1');
  const server = await OutsideServer.start({ handle: digit.handle });
  started.push(server);
  const profile: DigitProfile = {
    baseUrl: server.url,
    allowPrivate: true,
    tenantId: 'mz',
    auth: { kind: 'secret', token: { secret: 'digit' } },
    userInfo: { uuid: 'u-1', userName: 'rollcall', tenantId: 'mz', roles: [{ code: 'CAMPAIGN_ADMIN' }] },
    limits: { ratePerSecond: 10_000, burst: 10_000, concurrency: 4, maxWaitMs: 5_000 },
  };
  return { digit, server, profile };
}

const readSecret = async () => 'digit-token';

const requestInfo = (action: string) => ({
  apiId: 'Rollcall',
  ver: '1.0',
  ts: expect.any(Number),
  action,
  msgId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  authToken: 'digit-token',
  userInfo: { uuid: 'u-1', userName: 'rollcall', tenantId: 'mz', roles: [{ code: 'CAMPAIGN_ADMIN' }] },
});

const employee = { hierarchy: 'ADMIN', boundaryType: 'Locality' };

function userRequest(mobileNumber: string) {
  const data = {
    name: `User ${mobileNumber}`,
    mobileNumber,
    role: ['DISTRIBUTOR', 'REGISTRAR'],
    employmentType: 'Temporary',
    boundaryCode: ['B1', 'B2'],
    usage: 'Active',
  };
  return { entityId: `our-${mobileNumber}`, uniqueIdentifier: mobileNumber, rowNumber: 2, data };
}

describe('facilities in DIGIT', () => {
  it('are looked up, then created as the registry expects it', async () => {
    const { server, profile } = await start();
    const request = facilityRequest('Clinic 1');
    const located = {
      ...request,
      data: { ...request.data, latitude: -25.9, longitude: 32.5, facilityStatus: 'Temporary' },
    };
    const outcomes = await entityTarget(digitFacilities(profile), { readSecret }).apply([located], entityContext);
    expect(outcomes).toEqual([{ kind: 'done', entityId: 'F-1', effect: 'created' }]);
    const [search, create] = server.requests;
    expect(search).toMatchObject({ method: 'POST', path: '/facility/v1/_search' });
    expect(Object.fromEntries(search?.query ?? [])).toEqual({ tenantId: 'mz', limit: '1000', offset: '0' });
    expect(search?.body).toEqual({
      RequestInfo: requestInfo('_search'),
      Facility: { clientReferenceId: [request.entityId] },
    });
    expect(create).toMatchObject({ method: 'POST', path: '/facility/v1/_create' });
    expect(create?.body).toEqual({
      RequestInfo: requestInfo('_create'),
      Facility: {
        tenantId: 'mz',
        clientReferenceId: request.entityId,
        name: 'Clinic 1',
        isPermanent: false,
        usage: 'Warehouse',
        storageCapacity: 10,
        address: { tenantId: 'mz', latitude: -25.9, longitude: 32.5, locality: { code: 'B1' } },
      },
    });
  });

  it('are created once, though the registry would create them again', async () => {
    const { digit, server, profile } = await start();
    server.fault = ({ path }) =>
      path.endsWith('_create') && digit.facilities.length < 3
        ? { kind: 'lose_connection', afterEffect: true }
        : undefined;
    const target = entityTarget(digitFacilities(profile), { readSecret });
    for (let delivery = 0; delivery < 4; delivery++) await target.apply(facilityRequests(10), entityContext);
    expect(kinds(await target.apply(facilityRequests(10), entityContext))).toEqual({ done: 10 });
    expect(new Set(digit.facilities.map((facility) => facility.clientReferenceId)).size).toBe(10);
    expect(digit.facilities).toHaveLength(10);
  });

  it('carry the reason of a refusal', async () => {
    const { server, profile } = await start();
    const answer = {
      status: 400,
      body: { ResponseInfo: null, Errors: [{ code: 'INVALID', message: 'no such locality' }] },
    };
    server.fault = ({ path }) => (path.endsWith('_create') ? { kind: 'status', answer } : undefined);
    const [outcome] = await entityTarget(digitFacilities(profile), { readSecret }).apply(
      facilityRequests(1),
      entityContext,
    );
    expect(outcome).toMatchObject({ kind: 'refused', error: { message: expect.stringContaining('no such locality') } });
  });
});

describe('employees in DIGIT', () => {
  const userContext = { ...entityContext, processName: 'userCreation', entity: 'user' };

  it('are created in bulk as the employee service expects it', async () => {
    const { server, profile } = await start();
    const requests = ['0100000001', '0100000002'].map(userRequest);
    const outcomes = await entityTarget(digitEmployees(profile, employee), { readSecret }).apply(requests, userContext);
    expect(outcomes).toEqual([
      { kind: 'done', entityId: 'user-0100000001', effect: 'created' },
      { kind: 'done', entityId: 'user-0100000002', effect: 'created' },
    ]);
    expect(server.requests).toHaveLength(1);
    const { path, body } = server.requests[0] ?? {};
    expect(path).toBe('/egov-hrms/employees/_create');
    expect(body.RequestInfo).toEqual(requestInfo('_create'));
    expect(body.Employees).toHaveLength(2);
    expect(body.Employees[0]).toEqual({
      tenantId: 'mz',
      code: '0100000001',
      employeeStatus: 'EMPLOYED',
      employeeType: 'TEMPORARY',
      jurisdictions: [
        { hierarchy: 'ADMIN', boundaryType: 'Locality', boundary: 'B1', tenantId: 'mz' },
        { hierarchy: 'ADMIN', boundaryType: 'Locality', boundary: 'B2', tenantId: 'mz' },
      ],
      assignments: [],
      user: {
        name: 'User 0100000001',
        mobileNumber: '0100000001',
        userName: '0100000001',
        type: 'EMPLOYEE',
        dob: 0,
        tenantId: 'mz',
        roles: [
          { name: 'DISTRIBUTOR', code: 'DISTRIBUTOR', tenantId: 'mz' },
          { name: 'REGISTRAR', code: 'REGISTRAR', tenantId: 'mz' },
        ],
      },
    });
  });

  it('have an assignment and a first password where the installation wants them', async () => {
    const { server, profile } = await start();
    const secrets = { initialPassword: { secret: 'first' } };
    const assigned = { ...employee, assignment: { department: 'DEPT', designation: 'DESIG' } };
    const target = entityTarget(digitEmployees({ ...profile, secrets }, assigned), { readSecret });
    await target.apply([userRequest('0100000001')], userContext);
    const [sent] = server.requests[0]?.body.Employees ?? [];
    expect(sent.user.password).toBe('digit-token');
    expect(sent.assignments).toEqual([
      { department: 'DEPT', designation: 'DESIG', fromDate: expect.any(Number), isCurrentAssignment: true },
    ]);
  });

  for (const version of ['whole', 'by row'] as const) {
    it(`that exist are adopted, by their code or their phone number, when they are refused ${version}`, async () => {
      const { digit, profile } = await start();
      digit.refusal = version;
      digit.employees.push(digit.employee({ code: '0100000001', user: { mobileNumber: '0100000001' } }));
      digit.employees.push(digit.employee({ code: 'EMP-7', user: { mobileNumber: '0100000002' } }));
      const target = entityTarget(digitEmployees(profile, employee), { readSecret });
      const requests = ['0100000001', '0100000002', '0100000003'].map(userRequest);
      expect(await target.apply(requests, userContext)).toEqual([
        { kind: 'done', entityId: 'user-0100000001', effect: 'created' },
        { kind: 'done', entityId: 'user-EMP-7', effect: 'created' },
        { kind: 'done', entityId: 'user-0100000003', effect: 'created' },
      ]);
      expect(digit.employees).toHaveLength(3);
    });
  }
});

describe('boundaries in DIGIT', () => {
  const links = {
    facility: ['facility', 'ProjectFacility', { facilityId: 'svc-x' }, { facilityId: ['svc-x'] }],
    user: ['staff', 'ProjectStaff', { userId: 'svc-x' }, { staffId: ['svc-x'] }],
    resource: ['resource', 'ProjectResource', { resource: { productVariantId: 'x', isBaseUnitVariant: false } }, {}],
  } as const;

  for (const [type, [path, name, fields, filter]] of Object.entries(links)) {
    it(`link a ${type} to the boundary's project and take it off again`, async () => {
      const { digit, server, profile } = await start();
      digit.projects.set('B1', 'P-1');
      const target = new HttpBoundaryTarget(new OutsideService(digitBoundaries(profile), surroundings({ readSecret })));
      const request = boundaryRequest('x', 'B1', { type: type as keyof typeof links });
      const attached = await target.attach([request], boundaryContext);
      expect(attached).toEqual([{ kind: 'done', mappingId: 'L-1' }]);
      const [project, search, create] = server.requests;
      expect(project).toMatchObject({
        path: '/project/v1/_search',
        body: {
          RequestInfo: requestInfo('_search'),
          Projects: [{ tenantId: 'mz', referenceID: 'cmp-1', address: { boundary: 'B1' } }],
        },
      });
      expect(search?.path).toBe(`/project/${path}/v1/_search`);
      expect(search?.body).toEqual({ RequestInfo: requestInfo('_search'), [name]: { projectId: ['P-1'], ...filter } });
      expect(create?.path).toBe(`/project/${path}/v1/_create`);
      expect(create?.body).toEqual({
        RequestInfo: requestInfo('_create'),
        [name]: { tenantId: 'mz', projectId: 'P-1', ...fields },
      });

      expect(await target.attach([request], boundaryContext)).toEqual(attached);
      expect(digit.links).toHaveLength(1);

      const gone = { kind: 'done', mappingId: null };
      expect(await target.detach([{ ...request, mappingId: 'L-1' }], boundaryContext)).toEqual([gone]);
      const removal = server.requests.at(-1);
      expect(removal?.path).toBe(`/project/${path}/v1/_delete`);
      expect(removal?.body).toEqual({
        RequestInfo: requestInfo('_delete'),
        [name]: { tenantId: 'mz', projectId: 'P-1', ...fields, id: 'L-1', rowVersion: 1 },
      });
      expect(digit.links).toHaveLength(0);
      expect(await target.detach([{ ...request, mappingId: 'L-1' }], boundaryContext)).toEqual([gone]);
    });
  }

  it('wait for their project', async () => {
    const { profile } = await start();
    const target = new HttpBoundaryTarget(new OutsideService(digitBoundaries(profile), surroundings({ readSecret })));
    expect(await target.attach([boundaryRequest('x', 'B9')], boundaryContext)).toMatchObject([
      { kind: 'not_yet', error: { message: 'The service digit-boundaries: has no project for this row.' } },
    ]);
  });

  it('find projects and links of a hundred pairs in two calls', async () => {
    const { digit, server, profile } = await start();
    for (let i = 0; i < 10; i++) digit.projects.set(`B${i}`, `P-${i}`);
    const target = new HttpBoundaryTarget(new OutsideService(digitBoundaries(profile), surroundings({ readSecret })));
    const requests = Array.from({ length: 100 }, (_, i) => boundaryRequest(`x${i}`, `B${i % 10}`));
    expect(kinds(await target.attach(requests, boundaryContext))).toEqual({ done: 100 });
    expect(server.requests.filter(({ path }) => path.endsWith('_search'))).toHaveLength(2);
    expect(digit.links).toHaveLength(100);
  });
});
