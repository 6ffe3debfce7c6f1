import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restProfile } from '../../lambdas/entities/http/rest-profile.ts';
import type { BootedStack } from '../support/boot-stack.ts';
import { RollcallClient } from '../support/client.ts';
import { facility } from '../support/facilities.ts';
import { mappingEnded, mappingsOf, type ReferenceView } from '../support/mappings.ts';
import { type Fault, OutsideServer, type ReceivedRequest } from '../support/outside-service.ts';
import { bootStackWith, createSecret } from '../support/outside-stack.ts';
import { OutsideStore } from '../support/outside-store.ts';
import { newReference } from '../support/references.ts';

/** All that a service can do to its callers, before and after it did what it was asked. */
const misdeeds: readonly Fault[] = [
  { kind: 'status', answer: { status: 429, headers: { 'retry-after': '1' }, body: { message: 'too many' } } },
  { kind: 'status', answer: { status: 500, body: { message: 'oh no' } } },
  { kind: 'status', afterEffect: true, answer: { status: 500, body: { message: 'oh no' } } },
  { kind: 'garbage', afterEffect: true },
  { kind: 'half_a_body', afterEffect: true },
  { kind: 'hang' },
  { kind: 'hang', afterEffect: true },
  { kind: 'hang_in_body', afterEffect: true },
  { kind: 'lose_connection' },
  { kind: 'lose_connection', afterEffect: true },
];

const cycles = 6;
const concurrency = 4;
const key = 'not-to-be-told';
const facilities = new OutsideStore({ repeated: 'conflict_without_id' });
const places = new OutsideStore({ repeated: 'conflict' });
const people = new OutsideStore({ repeated: 'conflict' });

const isCreation = ({ method, path }: ReceivedRequest) => method === 'POST' && !path.endsWith('bulk-delete');

let depot: OutsideServer;
let agency: OutsideServer;
let stack: BootedStack & AsyncDisposable;
let client: RollcallClient;

beforeAll(async () => {
  depot = await OutsideServer.start({
    handle: (request) => (request.path.startsWith('/facilities') ? facilities : places).handle(request),
  });
  agency = await OutsideServer.start({
    handle: async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return people.handle(request);
    },
  });
  const reach = { allowPrivate: true, limits: { ratePerSecond: 1_000, burst: 1_000, concurrency } };
  const timeouts = { connectMs: 1_000, headersMs: 1_000, bodyMs: 1_000, totalMs: 2_000 };
  stack = await bootStackWith(
    {
      settleSeconds: 2,
      stallSeconds: 120,
      deadlineSeconds: 600,
      mappingCycles: cycles,
      mappingWaitSeconds: 1,
      services: {
        services: [
          restProfile({
            ...reach,
            name: 'depot',
            baseUrl: depot.url,
            timeouts,
            auth: { kind: 'secret', token: { secret: 'depot/key' }, header: { name: 'x-api-key' } },
            entities: { path: '/facilities', bulkRows: 50 },
            boundaries: { path: '/places', bulkRows: 50 },
          }),
          restProfile({ ...reach, name: 'agency', baseUrl: agency.url, entities: { path: '/people' } }),
        ],
        processes: {
          facilityCreation: { entities: 'depot', boundaries: 'depot' },
          userCreation: { entities: 'agency' },
        },
      },
    },
    { duplicateDeliveries: true },
  );
  await createSecret(stack, 'depot/key', key);
  client = new RollcallClient(stack.address);
}, 300_000);
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await depot?.[Symbol.asyncDispose]();
  await agency?.[Symbol.asyncDispose]();
});

const processName = 'facilityCreation';

describe('GIVEN a service outside that does everything wrong, and every message twice', () => {
  it('WHEN a sheet is created and mapped in it THEN every row and mapping is right, and nothing is there twice', async () => {
    const referenceId = newReference();
    // Each misdeed happens to a creation of an entity and to one of a mapping.
    const left = new Map(['facilities', 'places'].map((collection) => [collection, [...misdeeds]]));
    depot.fault = (request) => (isCreation(request) ? left.get(request.path.split('/')[1] ?? '')?.shift() : undefined);
    const rows = Array.from({ length: 150 }, (_, index) => facility(`F${index}`, { boundaryCode: 'B1,B2' }));
    const action = await client.ended(await client.submitRecords({ referenceId, processName }, rows));
    expect(action).toMatchObject({
      status: 'completed',
      counts: { created: 150, failed: 0 },
      mapping: { mapped: 300, toBeMapped: 0, failed: 0 },
    });
    expect([...left.values()].flat()).toEqual([]);
    expect([facilities.records.size, facilities.doubles]).toEqual([150, 0]);
    expect([places.records.size, places.doubles]).toEqual([300, 0]);
    const mappings = await mappingsOf(client, referenceId);
    expect(new Set(mappings.map(({ mappingId }) => mappingId))).toEqual(new Set(places.records.keys()));
    // Whatever it was asked, it was asked with the key, and never by more at a time than it allows.
    expect(depot.requests.every(({ headers }) => headers['x-api-key'] === key)).toBe(true);
    expect(depot.maxInFlight).toBeLessThanOrEqual(concurrency);

    const moved = rows.map((row) => ({ ...row, boundaryCode: 'B2' }));
    const second = await client.ended(await client.submitRecords({ referenceId, processName }, moved));
    expect(second).toMatchObject({ status: 'completed', mapping: { mapped: 150, detached: 150 } });
    expect(places.records.size).toBe(150);
  }, 300_000);

  it('WHEN it maps nobody THEN the rows keep their answers, the mapping fails after its cycles, and a request mends it', async () => {
    const referenceId = newReference();
    depot.fault = ({ path }) => (path.startsWith('/places') ? { kind: 'status' } : undefined);
    const before = places.records.size;
    const rows = Array.from({ length: 60 }, (_, index) => facility(`Unmapped ${index}`, { boundaryCode: 'B9' }));
    const action = await client.ended(await client.submitRecords({ referenceId, processName }, rows));
    expect(action).toMatchObject({
      status: 'completed_with_failures',
      counts: { created: 60 },
      mapping: { toBeMapped: 60, mapped: 0, failed: 60 },
    });
    const failed = await client.read<ReferenceView>(`/api/references/${referenceId}`);
    expect(failed.mapping).toMatchObject({ status: 'failed', cycle: cycles - 1 });
    for (const mapping of await mappingsOf(client, referenceId)) {
      expect(mapping).toMatchObject({ status: 'to_be_mapped', mappingId: null, attempts: cycles });
      expect(mapping.lastError).toContain('internal error');
    }

    depot.fault = () => undefined;
    expect((await client.post(`/api/references/${referenceId}/mapping`)).status).toBe(202);
    expect((await mappingEnded(client, referenceId)).mapping).toMatchObject({
      status: 'completed',
      figures: [{ type: 'facility', toBeMapped: 0, mapped: 60, failed: 0 }],
    });
    expect(places.records.size - before).toBe(60);
    expect(places.doubles).toBe(0);
  }, 300_000);

  it('WHEN it refuses some rows for good THEN they alone fail, with its reason, and their mappings say why they wait', async () => {
    const referenceId = newReference();
    depot.fault = ({ body }) =>
      JSON.stringify(body).includes('Bad')
        ? { kind: 'status', answer: { status: 422, body: { message: 'the name is taken' } } }
        : undefined;
    const rows = ['Good 1', 'Bad 1', 'Good 2'].map((name) => facility(name, { boundaryCode: 'B1' }));
    const action = await client.ended(await client.submitRecords({ referenceId, processName }, rows));
    expect(action).toMatchObject({
      counts: { created: 2, failed: 1 },
      mapping: { mapped: 2, toBeMapped: 1, failed: 1 },
    });
    const [waiting] = await mappingsOf(client, referenceId, 'status=to_be_mapped');
    expect(waiting).toMatchObject({ uniqueIdentifier: 'Bad 1', attempts: 1 });
    expect(waiting?.lastError).toContain('does not exist yet');
  });
});

describe('GIVEN a slow service outside', () => {
  it('WHEN its batches are under way THEN nobody else waits behind them', async () => {
    const users = Array.from({ length: 100 }, (_, index) => ({
      name: `User ${index}`,
      mobileNumber: String(841_000_000 + index).padStart(10, '0'),
      role: 'REGISTRAR',
      employmentType: 'Permanent',
      boundaryCode: 'B1',
      usage: 'Active',
    }));
    const slow = await client.submitRecords({ referenceId: newReference(), processName: 'userCreation' }, users);
    await client.until(slow, ({ status }) => status === 'processing');
    const resources = [{ pvarId: 'PVAR-1', boundaryCode: 'B1' }];
    const quick = await client.submitRecords(
      { referenceId: newReference(), processName: 'campaignCreation' },
      resources,
    );
    expect(await client.ended(quick)).toMatchObject({ status: 'completed', mapping: { mapped: 1 } });
    expect((await client.action(slow)).status).toBe('processing');
    expect(await client.ended(slow)).toMatchObject({ status: 'completed', counts: { created: 100 } });
    expect([people.records.size, people.doubles]).toEqual([100, 0]);
  }, 300_000);
});
