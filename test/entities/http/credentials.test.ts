import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceConfigurationInput } from '../../../lambdas/model/service-configuration.ts';
import { OutsideServer, type OutsideServiceOptions, type ReceivedRequest } from '../../support/outside-service.ts';
import { OutsideStore } from '../../support/outside-store.ts';
import { TestClock } from '../../support/test-clock.ts';
import { entityContext, entityTarget, facilityRequests, kinds, localRest } from './http-fixtures.ts';

const started: OutsideServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server[Symbol.asyncDispose]();
});

async function serve(handle: OutsideServiceOptions['handle']): Promise<OutsideServer> {
  const server = await OutsideServer.start({ handle });
  started.push(server);
  return server;
}

const clientSecret = 'c1ient "secret" +/ü';

/** A service behind OAuth2: it gives out numbered tokens and accepts those that `accepts` names. */
async function oauthService(accepts: (token: string) => boolean, expiresIn = 3_600) {
  const store = new OutsideStore();
  const given: ReceivedRequest[] = [];
  const server = await serve((request) => {
    if (request.path === '/token') {
      given.push(request);
      return {
        status: 200,
        body: { access_token: `token-${given.length}`, token_type: 'Bearer', expires_in: expiresIn },
      };
    }
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (!accepts(token)) return { status: 401, body: { message: `unknown token ${token}` } };
    return store.handle(request);
  });
  return { server, store, given };
}

function oauth2(url: string, more: object = {}): ServiceConfigurationInput['auth'] {
  return {
    kind: 'oauth2',
    tokenUrl: `${url}/token`,
    clientId: 'rollcall',
    clientSecret: { secret: 'depot', field: 'clientSecret' },
    parameters: { scope: 'facilities:write' },
    header: { name: 'Authorization', prefix: 'Bearer ' },
    ...more,
  };
}

const readSecret = async (name: string) => {
  if (name !== 'depot') throw new Error('no such secret');
  return JSON.stringify({ clientSecret, token: 'plain-token', password: 'init-pass' });
};

describe('client credentials', () => {
  it('are exchanged for one token, which all calls share', async () => {
    const { server, store, given } = await oauthService((token) => token === 'token-1');
    const target = entityTarget(localRest(server.url, { auth: oauth2(server.url) }), { readSecret });
    for (const _ of ['first', 'second']) await target.apply(facilityRequests(20), entityContext);
    expect(store.records.size).toBe(20);
    expect(given).toHaveLength(1);
    const parameters = new URLSearchParams(given[0]?.body);
    expect(Object.fromEntries(parameters)).toEqual({ grant_type: 'client_credentials', scope: 'facilities:write' });
    const [, pair = ''] = given[0]?.headers.authorization?.split(' ') ?? [];
    const [id, secret = ''] = Buffer.from(pair, 'base64').toString().split(':');
    expect([id, decodeURIComponent(secret.replaceAll('+', ' '))]).toEqual(['rollcall', clientSecret]);
  });

  it('go into the body where the token service wants them there', async () => {
    const { server, given } = await oauthService(() => true);
    const auth = oauth2(server.url, {
      clientAuthentication: 'body',
      parameters: { p: { secret: 'depot', field: 'password' } },
    });
    await entityTarget(localRest(server.url, { auth }), { readSecret }).apply(facilityRequests(1), entityContext);
    expect(given[0]?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(given[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      p: 'init-pass',
      client_id: 'rollcall',
      client_secret: clientSecret,
    });
  });

  it('are exchanged again before the token ends', async () => {
    const { server, given } = await oauthService(() => true, 600);
    const clock = new TestClock();
    const target = entityTarget(localRest(server.url, { auth: oauth2(server.url) }), { readSecret, clock });
    const apply = () => target.apply(facilityRequests(1), entityContext);
    await apply();
    await clock.run(clock.sleep(539_000));
    await apply();
    expect(given).toHaveLength(1);
    await clock.run(clock.sleep(2_000));
    await apply();
    expect(given).toHaveLength(2);
  });

  it('are exchanged again once when the service refuses the token', async () => {
    const { server, store, given } = await oauthService((token) => token === 'token-2');
    const target = entityTarget(localRest(server.url, { auth: oauth2(server.url) }), { readSecret });
    expect(kinds(await target.apply(facilityRequests(8), entityContext))).toEqual({ done: 8 });
    expect([store.records.size, given.length]).toEqual([8, 2]);
  });

  it('that are refused again make the rows wait, and the service is not pressed', async () => {
    const { server, given } = await oauthService(() => false);
    const limits = { ratePerSecond: 1_000, burst: 1_000, concurrency: 1, maxWaitMs: 1_000 };
    const target = entityTarget(localRest(server.url, { auth: oauth2(server.url), limits }), { readSecret });
    const outcomes = await target.apply(facilityRequests(20), entityContext);
    expect(outcomes.every((o) => o.kind === 'transient' && o.error.code === 'service_unauthorized')).toBe(true);
    expect(given).toHaveLength(2);
  });

  it('that the token service refuses, or an unreadable secret, are told without the secret', async () => {
    const server = await serve(({ body }) => ({ status: 400, body: { error_description: `bad ${body}` } }));
    const configurations = [
      localRest(server.url, { auth: oauth2(server.url, { clientAuthentication: 'body' }) }),
      localRest(server.url, { auth: { kind: 'secret', token: { secret: 'missing' } } }),
      localRest(server.url, { auth: { kind: 'secret', token: { secret: 'depot', field: 'missing' } } }),
    ];
    const messages: string[] = [];
    for (const configuration of configurations) {
      const [outcome] = await entityTarget(configuration, { readSecret }).apply(facilityRequests(1), entityContext);
      if (outcome?.kind === 'transient') messages.push(outcome.error.message);
    }
    expect(messages).toEqual([
      'The service depot: the token service answered 400: check client id, secret and scope.',
      'The service depot: the secret missing cannot be read.',
      'The service depot: the secret depot has no text field missing.',
    ]);
  });

  it('are not sent to a token service in a forbidden place', async () => {
    const auth = oauth2('http://169.254.169.254');
    const [outcome] = await entityTarget(localRest('http://127.0.0.1:9', { auth }), { readSecret }).apply(
      facilityRequests(1),
      entityContext,
    );
    expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'service_forbidden' } });
  });
});

describe('a secret', () => {
  it('goes into the header that is named', async () => {
    const store = new OutsideStore();
    const server = await serve(store.handle);
    const auth = { kind: 'secret', token: { secret: 'depot', field: 'token' }, header: { name: 'X-Api-Key' } } as const;
    await entityTarget(localRest(server.url, { auth }), { readSecret }).apply(facilityRequests(1), entityContext);
    expect(server.requests[0]?.headers['x-api-key']).toBe('plain-token');
  });

  it('is read again when the service refuses it, and sent again only if it has changed', async () => {
    let current = 'old-token';
    let read = 0;
    const store = new OutsideStore();
    const server = await serve((r) => (r.headers['x-api-key'] === 'new-token' ? store.handle(r) : { status: 401 }));
    const rotating = async () => {
      read++;
      return current;
    };
    const auth = { kind: 'secret', token: { secret: 'depot' }, header: { name: 'X-Api-Key' } } as const;
    const target = entityTarget(localRest(server.url, { auth }), { readSecret: rotating });
    expect(kinds(await target.apply(facilityRequests(1), entityContext))).toEqual({ transient: 1 });
    expect([server.requests.length, read]).toEqual([1, 2]);
    current = 'new-token';
    expect(kinds(await target.apply(facilityRequests(1), entityContext))).toEqual({ done: 1 });
    expect([server.requests.length, read]).toEqual([3, 3]);
  });

  it('can stand in a body', async () => {
    const server = await serve(() => ({ status: 201, body: { id: 'x' } }));
    const entities = { path: '/facilities', body: { token: '{{auth.token}}', password: '{{secrets.first}}' } };
    const auth = { kind: 'secret', token: { secret: 'depot', field: 'token' } } as const;
    const secrets = { first: { secret: 'depot', field: 'password' } };
    await entityTarget(localRest(server.url, { auth, secrets, entities }), { readSecret }).apply(
      facilityRequests(1),
      entityContext,
    );
    expect(server.requests[0]?.body).toEqual({ token: 'plain-token', password: 'init-pass' });
    expect(Object.keys(server.requests[0]?.headers ?? {})).not.toContain('authorization');
  });
});

describe('what a service repeats of what it was sent', () => {
  it('holds no secret in any form by the time it is a message', async () => {
    const server = await serve((request) => {
      if (request.path === '/token') return { status: 200, body: { access_token: 'tok/en+1"&', expires_in: 60 } };
      const echo = [JSON.stringify(request.headers), request.body.password, encodeURIComponent('tok/en+1"&')].join(' ');
      return { status: 422, body: { message: echo } };
    });
    const entities = { path: '/facilities', body: { password: '{{secrets.first}}' } };
    const secrets = { first: { secret: 'depot', field: 'password' } };
    const configuration = localRest(server.url, { auth: oauth2(server.url), secrets, entities });
    const [outcome] = await entityTarget(configuration, { readSecret }).apply(facilityRequests(1), entityContext);
    const text = JSON.stringify(outcome);
    expect(text).toContain('[hidden]');
    for (const secret of [
      'init-pass',
      'tok/en',
      'tok%2Fen',
      clientSecret,
      Buffer.from(clientSecret).toString('base64'),
    ]) {
      expect(text).not.toContain(secret);
    }
  });
});
