import { afterEach, describe, expect, it } from 'vitest';
import type { EntityOutcome } from '../../../lambdas/entities/entity-target.ts';
import type { ServiceConfiguration } from '../../../lambdas/model/service-configuration.ts';
import { type Fault, OutsideServer, type OutsideServiceOptions } from '../../support/outside-service.ts';
import { OutsideStore, type OutsideStoreOptions } from '../../support/outside-store.ts';
import { TestClock } from '../../support/test-clock.ts';
import {
  entityContext,
  entityTarget,
  facilityRequest,
  facilityRequests,
  kinds,
  localRest,
  shortTimeouts,
} from './http-fixtures.ts';

const started: OutsideServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server[Symbol.asyncDispose]();
});

async function serve(options: OutsideServiceOptions): Promise<OutsideServer> {
  const server = await OutsideServer.start(options);
  started.push(server);
  return server;
}

async function startStore(options: OutsideStoreOptions = {}, fault?: OutsideServiceOptions['fault']) {
  const store = new OutsideStore(options);
  return { store, server: await serve({ handle: store.handle, ...(fault && { fault }) }) };
}

const bulk = { entities: { path: '/facilities', bulkRows: 100 } };

/** What the queue does: rows that may still succeed come again. */
async function untilSettled(configuration: ServiceConfiguration, names: number, deliveries = 5) {
  const target = entityTarget(configuration);
  const requests = facilityRequests(names);
  const outcomes: EntityOutcome[] = await target.apply(requests, entityContext);
  for (let delivery = 1; delivery < deliveries; delivery++) {
    const again = requests.map((request, i) => ({ request, i })).filter(({ i }) => outcomes[i]?.kind === 'transient');
    if (again.length === 0) break;
    const next = await target.apply(
      again.map(({ request }) => request),
      entityContext,
    );
    for (const [j, { i }] of again.entries()) outcomes[i] = next[j] as EntityOutcome;
  }
  return outcomes;
}

describe('single calls', () => {
  it('creates each row and answers with the ids of the service, in the order of the rows', async () => {
    const { store, server } = await startStore();
    const requests = facilityRequests(20);
    const outcomes = await entityTarget(localRest(server.url)).apply(requests, entityContext);
    const byExternalId = new Map([...store.records.values()].map((record) => [record.externalId, record.id]));
    expect(outcomes).toEqual(
      requests.map((r) => ({ kind: 'done', entityId: byExternalId.get(r.entityId), effect: 'created' })),
    );
  });

  it('sends the row, who it belongs to and its key', async () => {
    const { server } = await startStore();
    const request = facilityRequest('Clinic "A" {{row.capacity}}');
    await entityTarget(localRest(server.url)).apply([request], entityContext);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/facilities',
      headers: { 'idempotency-key': request.entityId, 'content-type': 'application/json' },
      body: {
        externalId: request.entityId,
        uniqueIdentifier: 'Clinic "A" {{row.capacity}}',
        referenceId: 'cmp-1',
        data: request.data,
      },
    });
  });

  it('fails a row that the service refuses at once, with its reason', async () => {
    const { server } = await startStore({
      refuse: (record) => (record.uniqueIdentifier === 'Clinic 2' ? 'bad name' : undefined),
    });
    const outcomes = await entityTarget(localRest(server.url)).apply(facilityRequests(3), entityContext);
    expect(kinds(outcomes)).toEqual({ done: 2, refused: 1 });
    expect(outcomes[1]).toEqual({
      kind: 'refused',
      error: { code: 'service_refused', message: 'The service depot: answered status 422: bad name.' },
    });
  });

  it('adopts what is there already, with the id in the answer or by looking it up', async () => {
    for (const repeated of ['replay', 'conflict', 'conflict_without_id'] as const) {
      const { store, server } = await startStore({ repeated });
      const target = entityTarget(localRest(server.url));
      const first = await target.apply(facilityRequests(5), entityContext);
      const second = await target.apply(facilityRequests(5), entityContext);
      expect(second).toEqual(first);
      expect(store.records.size).toBe(5);
    }
  });

  it('uses no more connections at a time than it is allowed', async () => {
    const store = new OutsideStore();
    const full = Promise.withResolvers<void>();
    const server = await serve({
      handle: async (request) => {
        if (request.number === 8) full.resolve();
        await full.promise;
        return store.handle(request);
      },
    });
    await entityTarget(localRest(server.url)).apply(facilityRequests(60), entityContext);
    expect(server.maxInFlight).toBe(8);
  });

  it('keeps its connections between batches, as long as nobody can have closed them', async () => {
    const { server } = await startStore();
    const clock = new TestClock();
    const target = entityTarget(localRest(server.url), { clock });
    const apply = () => target.apply(facilityRequests(1), entityContext);
    for (let i = 0; i < 3; i++) await apply();
    expect(server.connections).toBe(1);
    await clock.run(clock.sleep(2_001));
    await apply();
    expect(server.connections).toBe(2);
  });

  it('changes and removes entities of a service that keeps our ids', async () => {
    const { store, server } = await startStore();
    const target = entityTarget(localRest(server.url, { keepsEntityId: true }));
    const request = facilityRequest('Clinic 1');
    const done = [{ kind: 'done', entityId: request.entityId, effect: 'created' }];
    expect(await target.apply([request], { ...entityContext, action: 'update' })).toEqual(done);
    expect(store.records.get(request.entityId)?.data.data).toEqual(request.data);
    for (const _ of ['there', 'gone already']) {
      expect(await target.apply([request], { ...entityContext, action: 'delete' })).toEqual(done);
      expect(store.records.size).toBe(0);
    }
  });

  it('does not start for an action that the service is not configured for', async () => {
    const target = entityTarget(localRest('http://127.0.0.1:9'));
    await expect(target.apply(facilityRequests(1), { ...entityContext, action: 'delete' })).rejects.toThrow(
      'the service depot is not configured for delete',
    );
  });
});

describe('bulk calls', () => {
  it('sends a hundred rows in one call', async () => {
    const { store, server } = await startStore();
    const outcomes = await entityTarget(localRest(server.url, bulk)).apply(facilityRequests(250), entityContext);
    expect(kinds(outcomes)).toEqual({ done: 250 });
    expect(server.requests.map(({ path, body }) => [path, body.items.length])).toEqual(
      expect.arrayContaining([
        ['/facilities/bulk', 100],
        ['/facilities/bulk', 100],
        ['/facilities/bulk', 50],
      ]),
    );
    expect(store.records.size).toBe(250);
  });

  it('takes records by what they say and not by where they stand', async () => {
    const { store, server } = await startStore();
    server.fault = () => undefined;
    const shuffled = await serve({
      handle: async (request) => {
        const { status, body } = store.handle(request);
        return { status, body: { results: (body as { results: unknown[] }).results.toReversed() } };
      },
    });
    const requests = facilityRequests(10);
    const outcomes = await entityTarget(localRest(shuffled.url, bulk)).apply(requests, entityContext);
    for (const [i, outcome] of outcomes.entries()) {
      expect(outcome.kind === 'done' && store.records.get(outcome.entityId)?.externalId).toBe(requests[i]?.entityId);
    }
  });

  it('gives each row of a mixed answer its own outcome', async () => {
    const { server } = await startStore({
      refuse: (r) => (r.uniqueIdentifier === 'Clinic 7' ? 'bad name' : undefined),
    });
    const outcomes = await entityTarget(localRest(server.url, bulk)).apply(facilityRequests(20), entityContext);
    expect(kinds(outcomes)).toEqual({ done: 19, refused: 1 });
    expect(outcomes[6]).toMatchObject({ kind: 'refused', error: { message: expect.stringContaining('bad name') } });
    expect(server.requests).toHaveLength(1);
  });

  it('falls back to single calls when one row makes the service refuse all', async () => {
    const refuse = (r: { uniqueIdentifier: string }) => (r.uniqueIdentifier === 'Clinic 50' ? 'bad name' : undefined);
    const { store, server } = await startStore({ refuse, bulkRefusal: 'all' });
    const outcomes = await entityTarget(localRest(server.url, bulk)).apply(facilityRequests(100), entityContext);
    expect(kinds(outcomes)).toEqual({ done: 99, refused: 1 });
    expect(outcomes[49]?.kind).toBe('refused');
    expect([store.records.size, store.doubles]).toEqual([99, 0]);
  });

  it('falls back to single calls when one row makes the service stumble', async () => {
    const poisoned = (body: { items?: { uniqueIdentifier: string }[]; uniqueIdentifier?: string }) =>
      (body.items ?? [body]).some((item) => item.uniqueIdentifier === 'Clinic 50');
    const { store, server } = await startStore({}, ({ body }) => (poisoned(body) ? { kind: 'status' } : undefined));
    const outcomes = await entityTarget(localRest(server.url, bulk)).apply(facilityRequests(100), entityContext);
    expect(kinds(outcomes)).toEqual({ done: 99, transient: 1 });
    expect([store.records.size, store.doubles]).toEqual([99, 0]);
  });

  it('does not fall back when the service as a whole is away', async () => {
    const away = { kind: 'status', answer: { status: 502, body: { message: 'bad gateway' } } } as const;
    const { server } = await startStore({}, () => away);
    const outcomes = await entityTarget(localRest(server.url, bulk)).apply(facilityRequests(100), entityContext);
    expect(kinds(outcomes)).toEqual({ transient: 100 });
    expect(server.requests).toHaveLength(1);
  });

  it('asks again, and creates nothing again, for rows that the answer leaves out', async () => {
    const { store, server } = await startStore({ omit: (record) => record.data.uniqueIdentifier === 'Clinic 3' });
    const outcomes = await entityTarget(localRest(server.url, bulk)).apply(facilityRequests(10), entityContext);
    expect(kinds(outcomes)).toEqual({ done: 10 });
    expect([store.records.size, store.doubles]).toEqual([10, 0]);
  });

  it('finds the ids of rows that are there already and whose answer does not name them', async () => {
    const { store, server } = await startStore({ repeated: 'conflict_without_id' });
    const target = entityTarget(localRest(server.url, bulk));
    const first = await target.apply(facilityRequests(10), entityContext);
    expect(await target.apply(facilityRequests(10), entityContext)).toEqual(first);
    expect(store.records.size).toBe(10);
  });
});

describe('a service that misbehaves', () => {
  const faults: Fault['kind'][] = [
    'status',
    'garbage',
    'half_a_body',
    'huge_body',
    'hang',
    'hang_in_body',
    'lose_connection',
  ];
  const shapes = { single: { entities: { path: '/facilities' } }, bulk };
  const small = 64 * 1024;

  for (const kind of faults) {
    for (const afterEffect of [false, true]) {
      for (const [shape, profile] of Object.entries(shapes)) {
        it(`holds every entity once: ${kind} ${afterEffect ? 'after' : 'before'} creating, ${shape}`, async () => {
          const { store, server } = await startStore({}, ({ number }) =>
            number === 1 ? { kind, afterEffect } : undefined,
          );
          const timeouts = kind.startsWith('hang') ? { timeouts: shortTimeouts } : {};
          const configuration = { ...localRest(server.url, { ...profile, ...timeouts }), maxAnswerBytes: small };
          const outcomes = await untilSettled(configuration, 12);
          expect(kinds(outcomes)).toEqual({ done: 12 });
          expect([store.records.size, store.doubles]).toEqual([12, 0]);
        });
      }
    }
  }

  it('says what happened, each time as something that may pass', async () => {
    const messages: string[] = [];
    for (const kind of faults) {
      const { server } = await startStore({}, () => ({ kind }));
      const timeouts = kind.startsWith('hang') ? { timeouts: shortTimeouts } : {};
      const configuration = { ...localRest(server.url, timeouts), maxAnswerBytes: small };
      const [outcome] = await entityTarget(configuration).apply(facilityRequests(1), entityContext);
      if (outcome?.kind === 'transient') messages.push(`${outcome.error.code}: ${outcome.error.message}`);
    }
    expect(messages).toEqual([
      'service_unavailable: The service depot: answered status 500: internal error.',
      'service_unreadable_answer: The service depot: answered 200 without JSON.',
      'service_unreachable: The service depot: the connection failed (ECONNRESET).',
      'service_unreadable_answer: The service depot: the answer has more than 65536 bytes.',
      'service_timeout: The service depot: no answer within 200 ms.',
      'service_timeout: The service depot: no end of the answer within 200 ms.',
      'service_unreachable: The service depot: the connection failed (ECONNRESET).',
    ]);
  });

  it('answers for every row when nobody listens', async () => {
    const { server } = await startStore();
    const { url } = server;
    await server[Symbol.asyncDispose]();
    started.splice(0);
    const outcomes = await entityTarget(localRest(url)).apply(facilityRequests(30), entityContext);
    expect(kinds(outcomes)).toEqual({ transient: 30 });
    expect(outcomes[0]).toMatchObject({ error: { code: 'service_unreachable' } });
  });

  it('does not wait for a name that nobody resolves', async () => {
    const timeouts = { ...shortTimeouts, connectMs: 50 };
    const target = entityTarget(localRest('http://depot.example', { timeouts }), { resolveHost: () => undefined });
    expect(await target.apply(facilityRequests(1), entityContext)).toMatchObject([
      { kind: 'transient', error: { message: 'The service depot: no connection within 50 ms.' } },
    ]);
  });

  it('stops calling row by row when nothing gets through', async () => {
    const { server } = await startStore({}, () => ({ kind: 'status' }));
    const outcomes = await entityTarget(localRest(server.url)).apply(facilityRequests(100), entityContext);
    expect(kinds(outcomes)).toEqual({ transient: 100 });
    expect(server.requests.length).toBeLessThanOrEqual(5 + 8);
  });

  it('stays away as long as it is told to', async () => {
    const busy = { kind: 'status', answer: { status: 429, headers: { 'retry-after': '17' } } } as const;
    const { server } = await startStore({}, () => busy);
    const target = entityTarget({
      ...localRest(server.url),
      limits: { ...localRest(server.url).limits, concurrency: 1 },
    });
    const outcomes = await target.apply(facilityRequests(10), entityContext);
    expect(outcomes.every((o) => o.kind === 'transient' && o.retryAfterSeconds === 17)).toBe(true);
    expect(server.requests).toHaveLength(1);
    const next = await target.apply(facilityRequests(1), entityContext);
    expect(next[0]).toMatchObject({ kind: 'transient', error: { code: 'service_busy' } });
    expect(server.requests).toHaveLength(1);
  });

  it('reads a Retry-After that is a date', async () => {
    const until = new Date(Date.now() + 60_000).toUTCString();
    const busy = { kind: 'status', answer: { status: 503, headers: { 'retry-after': until } } } as const;
    const { server } = await startStore({}, () => busy);
    const [outcome] = await entityTarget(localRest(server.url)).apply(facilityRequests(1), entityContext);
    expect(outcome?.kind === 'transient' && outcome.retryAfterSeconds).toSatisfy((s) => s > 50 && s <= 60);
  });

  it('follows no redirect', async () => {
    const { server: elsewhere } = await startStore();
    const answer = { status: 307, headers: { location: `${elsewhere.url}/facilities` } };
    const { server } = await startStore({}, () => ({ kind: 'status', answer }));
    const [outcome] = await entityTarget(localRest(server.url)).apply(facilityRequests(1), entityContext);
    expect(outcome).toMatchObject({ kind: 'refused', error: { message: expect.stringContaining('status 307') } });
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('gives up at once when the caller has no time left', async () => {
    const { server } = await startStore({}, () => ({ kind: 'hang' }));
    const patient = {
      ...localRest(server.url),
      timeouts: { connectMs: 60_000, headersMs: 60_000, bodyMs: 60_000, totalMs: 60_000 },
    };
    const stop = new AbortController();
    const applied = entityTarget(patient).apply(facilityRequests(20), { ...entityContext, signal: stop.signal });
    await expect.poll(() => server.requests.length).toBeGreaterThan(0);
    stop.abort();
    const outcomes = await applied;
    expect(kinds(outcomes)).toEqual({ transient: 20 });
    expect(outcomes[0]).toMatchObject({ error: { code: 'service_timeout' } });
  });

  it('begins no call once it was stopped, and keeps what comes of those under way', async () => {
    const stop = new AbortController();
    const { store, server } = await startStore({}, ({ number }) => {
      if (number === 3) stop.abort();
      return undefined;
    });
    const configuration = localRest(server.url);
    const context = { ...entityContext, stop: stop.signal };
    const { done = 0, transient = 0 } = kinds(await entityTarget(configuration).apply(facilityRequests(60), context));
    expect(done).toBe(store.records.size);
    expect(done).toBeLessThanOrEqual(3 + configuration.limits.concurrency);
    expect(transient).toBe(60 - done);
  });

  it('lets a service without idempotency keep each entity once, by looking before creating', async () => {
    const { store, server } = await startStore({ repeated: 'duplicate' }, ({ number, method }) =>
      method === 'POST' && number < 6 ? { kind: 'lose_connection', afterEffect: true } : undefined,
    );
    const configuration = localRest(server.url);
    const insert = configuration.entities?.insert;
    if (insert === undefined) throw new Error('the profile has an insert');
    const lookups = insert.lookups.map((lookup) => ({ ...lookup, when: 'before' as const }));
    const outcomes = await untilSettled({ ...configuration, entities: { insert: { ...insert, lookups } } }, 12);
    expect(kinds(outcomes)).toEqual({ done: 12 });
    expect([store.records.size, store.doubles]).toEqual([12, 0]);
  });
});

describe('what a row can do to a request', () => {
  it('fails alone when the request cannot be made from it', async () => {
    const { store, server } = await startStore();
    const body = { externalId: '{{entityId}}', label: 'at {{row.place}}' };
    for (const bulkRows of [undefined, 100]) {
      const entities = bulkRows === undefined ? { path: '/facilities', body } : { path: '/facilities', body, bulkRows };
      const requests = facilityRequests(5).map((r, i) => (i === 2 ? r : { ...r, data: { ...r.data, place: 'X' } }));
      const outcomes = await entityTarget(localRest(server.url, { entities })).apply(requests, entityContext);
      expect(kinds(outcomes)).toEqual({ done: 4, refused: 1 });
      expect(outcomes[2]).toMatchObject({
        error: { code: 'service_request', message: expect.stringContaining('{{row.place}}') },
      });
    }
    expect(store.records.size).toBe(4);
  });

  it('bounds and cleans what the service says about it', async () => {
    const said = `<h1>no</h1>\n\u0000\u202E${'long '.repeat(500)}`;
    const { server } = await startStore({ refuse: () => said });
    const [outcome] = await entityTarget(localRest(server.url)).apply(facilityRequests(1), entityContext);
    const message = outcome?.kind === 'refused' ? outcome.error.message : '';
    expect(message).toMatch(/^The service depot: answered status 422: no long long .*…\.$/);
    expect(message.length).toBeLessThan(400);
  });
});
