import { afterEach, describe, expect, it } from 'vitest';
import { HttpBoundaryTarget } from '../../../lambdas/entities/http/http-boundary-target.ts';
import { OutsideTargets } from '../../../lambdas/entities/http/outside-services.ts';
import { OutsideService } from '../../../lambdas/entities/http/service.ts';
import { outsideServicesSchema, type ServiceConfiguration } from '../../../lambdas/model/service-configuration.ts';
import { OutsideServer, type OutsideServiceOptions } from '../../support/outside-service.ts';
import { OutsideStore } from '../../support/outside-store.ts';
import {
  boundaryContext,
  boundaryRequest,
  entityContext,
  facilityRequests,
  kinds,
  localRest,
  surroundings,
} from './http-fixtures.ts';

const started: OutsideServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server[Symbol.asyncDispose]();
});

async function startStore(fault?: OutsideServiceOptions['fault'], store = new OutsideStore()) {
  const server = await OutsideServer.start({ handle: store.handle, ...(fault && { fault }) });
  started.push(server);
  return { store, server };
}

const boundaryTarget = (configuration: ServiceConfiguration) =>
  new HttpBoundaryTarget(new OutsideService(configuration, surroundings()));

const pairs = (count: number) => Array.from({ length: count }, (_, i) => boundaryRequest(`f${i}`, `B${i % 7}`));

const shapes = { single: { path: '/mappings' }, bulk: { path: '/mappings', bulkRows: 100 } };

for (const [shape, boundaries] of Object.entries(shapes)) {
  describe(`boundaries by ${shape} calls`, () => {
    it('are attached once however often they are asked for, and detached by their mappingId', async () => {
      const { store, server } = await startStore();
      const target = boundaryTarget(localRest(server.url, { boundaries }));
      const attached = await target.attach(pairs(30), boundaryContext);
      expect(kinds(attached)).toEqual({ done: 30 });
      expect(await target.attach(pairs(30), boundaryContext)).toEqual(attached);
      expect([store.records.size, store.doubles]).toEqual([30, 0]);

      const mapped = pairs(30).map((pair, i) => {
        const outcome = attached[i];
        return { ...pair, mappingId: outcome?.kind === 'done' ? outcome.mappingId : null };
      });
      for (const _ of ['there', 'gone already']) {
        const detached = await target.detach(mapped, boundaryContext);
        expect(detached).toEqual(mapped.map(() => ({ kind: 'done', mappingId: null })));
        expect(store.records.size).toBe(0);
      }
    });

    it('say what belongs to what', async () => {
      const { store, server } = await startStore();
      const pair = boundaryRequest('clinic', 'B1', { type: 'user' });
      await boundaryTarget(localRest(server.url, { boundaries })).attach([pair], boundaryContext);
      expect([...store.records.values()][0]?.data).toEqual({
        externalId: pair.idempotencyKey,
        type: 'user',
        entityId: 'svc-clinic',
        uniqueIdentifier: 'clinic',
        boundaryCode: 'B1',
        referenceId: 'cmp-1',
      });
    });

    it('are mapped once when the answer is lost', async () => {
      const { store, server } = await startStore(({ number }) =>
        number < 3 ? { kind: 'lose_connection', afterEffect: true } : undefined,
      );
      const target = boundaryTarget(localRest(server.url, { boundaries }));
      let outcomes = await target.attach(pairs(10), boundaryContext);
      expect(kinds(outcomes).transient).toBeGreaterThan(0);
      outcomes = await target.attach(pairs(10), boundaryContext);
      outcomes = await target.attach(pairs(10), boundaryContext);
      expect(kinds(outcomes)).toEqual({ done: 10 });
      expect([store.records.size, store.doubles]).toEqual([10, 0]);
    });

    it('wait for entities that do not exist yet, without asking the service', async () => {
      const { server } = await startStore();
      const target = boundaryTarget(localRest(server.url, { boundaries }));
      const outcomes = await target.attach(
        [boundaryRequest('a', 'B1'), boundaryRequest('b', 'B1', { entityId: null })],
        boundaryContext,
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'not_yet']);
      expect(server.requests).toHaveLength(1);
    });
  });
}

describe('boundaries', () => {
  it('wait for what the service does not know yet', async () => {
    const answer = { status: 404, body: { message: 'no such entity' } };
    const { server } = await startStore(({ body }) =>
      body.entityId === 'svc-b' ? { kind: 'status', answer } : undefined,
    );
    const outcomes = await boundaryTarget(localRest(server.url)).attach(
      [boundaryRequest('a', 'B1'), boundaryRequest('b', 'B1')],
      boundaryContext,
    );
    expect(outcomes).toMatchObject([
      { kind: 'done' },
      { kind: 'not_yet', error: { code: 'service_not_yet', message: expect.stringContaining('no such entity') } },
    ]);
  });

  it('of different types are answered in the order in which they were asked for', async () => {
    const { store, server } = await startStore();
    const types = ['facility', 'user', 'facility', 'resource', 'user'] as const;
    const requests = types.map((type, i) => boundaryRequest(`x${i}`, 'B1', { type }));
    const outcomes = await boundaryTarget(localRest(server.url)).attach(requests, boundaryContext);
    const names = outcomes.map((o) => o.kind === 'done' && store.records.get(o.mappingId ?? '')?.data.uniqueIdentifier);
    expect(names).toEqual(['x0', 'x1', 'x2', 'x3', 'x4']);
  });
});

describe('the services of a stage', () => {
  it('are chosen by the process', async () => {
    const { store, server } = await startStore();
    const configuration = outsideServicesSchema.parse({
      services: [localRest(server.url)],
      processes: {
        facilityCreation: { entities: 'depot', boundaries: 'depot' },
        userCreation: { boundaries: 'depot' },
      },
    });
    const targets = new OutsideTargets(configuration, surroundings());
    expect(targets.entityTarget('userCreation')).toBeUndefined();
    expect(targets.entityTarget('constructor')).toBeUndefined();
    expect(targets.boundaryTarget('userCreation')).toBeInstanceOf(HttpBoundaryTarget);
    expect(await targets.entityTarget('facilityCreation')?.apply(facilityRequests(2), entityContext)).toHaveLength(2);
    expect(store.records.size).toBe(2);
  });

  it('do not make one process wait for the slow service of another', async () => {
    const hanging = await startStore(() => ({ kind: 'hang' }));
    const quick = await startStore();
    const services = [localRest(hanging.server.url, { name: 'slow' }), localRest(quick.server.url, { name: 'quick' })];
    const processes = { slowCreation: { entities: 'slow' }, facilityCreation: { entities: 'quick' } };
    const targets = new OutsideTargets(outsideServicesSchema.parse({ services, processes }), surroundings());
    const stop = new AbortController();
    const slow = targets
      .entityTarget('slowCreation')
      ?.apply(facilityRequests(50), { ...entityContext, signal: stop.signal });
    const done = await targets.entityTarget('facilityCreation')?.apply(facilityRequests(50), entityContext);
    expect(kinds(done ?? [])).toEqual({ done: 50 });
    stop.abort();
    expect(kinds((await slow) ?? [])).toEqual({ transient: 50 });
  });

  it('must exist and be able to do what a process wants of them', () => {
    const { boundaries: _, ...entitiesOnly } = localRest('http://127.0.0.1:9');
    const parse = (uses: object) =>
      outsideServicesSchema.safeParse({ services: [entitiesOnly], processes: { facilityCreation: uses } }).success;
    expect(parse({ entities: 'depot' })).toBe(true);
    expect(parse({ entities: 'nowhere' })).toBe(false);
    expect(parse({ boundaries: 'depot' })).toBe(false);
  });
});
