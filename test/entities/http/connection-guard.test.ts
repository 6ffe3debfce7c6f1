import { afterEach, describe, expect, it } from 'vitest';
import { type AddressClass, classifyAddress } from '../../../lambdas/entities/http/address-class.ts';
import {
  ConnectionGuard,
  ForbiddenAddressError,
  type ResolveHost,
} from '../../../lambdas/entities/http/connection-guard.ts';
import { restProfile } from '../../../lambdas/entities/http/rest-profile.ts';
import { OutsideServer } from '../../support/outside-service.ts';
import { OutsideStore } from '../../support/outside-store.ts';
import { TestClock } from '../../support/test-clock.ts';
import { entityContext, entityTarget, facilityRequests, kinds, localRest } from './http-fixtures.ts';

const started: OutsideServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server[Symbol.asyncDispose]();
});

describe('classes of addresses', () => {
  const classes: Record<AddressClass, string[]> = {
    forbidden: [
      '169.254.169.254',
      '169.254.170.2',
      '169.254.0.1',
      '100.100.100.200',
      '192.0.0.192',
      '224.0.0.1',
      '255.255.255.255',
      'fe80::1',
      'fe80::1%eth0',
      'febf:ffff::1',
      'fd00:ec2::254',
      'fd00:ec2::23',
      'fd00:0ec2:0:0:0:0:0:254',
      'ff02::1',
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      '::169.254.169.254',
      '::ffff:0:169.254.169.254',
      '64:ff9b::169.254.169.254',
      '64:ff9b:1::a9fe:a9fe',
      '2002:a9fe:a9fe::1',
    ],
    private: [
      '127.0.0.1',
      '0.0.0.0',
      '10.1.2.3',
      '172.31.255.255',
      '192.168.0.1',
      '100.64.0.1',
      '240.0.0.1',
      '::1',
      '::',
      'fc00::1',
      'fd12:3456::1',
      '::ffff:127.0.0.1',
      '2002:7f00:1::',
    ],
    public: ['1.1.1.1', '172.32.0.1', '169.253.255.255', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8', '2a00::1'],
  };

  for (const [kind, addresses] of Object.entries(classes)) {
    it(`knows ${kind} ones`, () => {
      for (const address of addresses) expect(classifyAddress(address), address).toBe(kind);
    });
  }
});

describe('addresses in a configuration', () => {
  const metadata = [
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '169.254.43518',
    '0xa9.254.0251.254',
  ];
  const ipv6 = ['[fe80::1]', '[fd00:ec2::254]', '[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]'];

  it('never lead to metadata, in whatever form they are written', () => {
    for (const host of [...metadata, ...ipv6, '169.254.169.254.']) {
      for (const allowPrivate of [false, true]) {
        const check = () => new ConnectionGuard(allowPrivate).check(new URL(`https://${host}/x`));
        expect(check, host).toThrow(ForbiddenAddressError);
      }
    }
  });

  it('lead into private networks and over plain http only when that is permitted', () => {
    for (const url of [
      'https://127.0.0.1/',
      'https://127.1/',
      'https://[::1]/',
      'http://1.1.1.1/',
      'https://10.0.0.1/',
    ]) {
      expect(() => new ConnectionGuard(false).check(new URL(url)), url).toThrow(ForbiddenAddressError);
      expect(() => new ConnectionGuard(true).check(new URL(url)), url).not.toThrow();
    }
    expect(() => new ConnectionGuard(true).check(new URL('ftp://1.1.1.1/'))).toThrow(ForbiddenAddressError);
  });

  it('are refused for a row without any call', async () => {
    for (const host of metadata) {
      const [outcome] = await entityTarget(localRest(`http://${host}`)).apply(facilityRequests(1), entityContext);
      expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'service_forbidden' } });
    }
  });

  it('need https unless private ones are permitted, and name no user', () => {
    const entities = { path: '/facilities' };
    expect(() => restProfile({ name: 'depot', baseUrl: 'http://depot.example', entities })).toThrow('https');
    expect(() => restProfile({ name: 'depot', baseUrl: 'https://depot.example', entities })).not.toThrow();
    for (const baseUrl of [
      'https://user:pw@depot.example',
      'https://{{row.host}}',
      'https://a.{{row.host}}/x',
      'https://a\\@b',
    ]) {
      expect(() => restProfile({ name: 'depot', baseUrl, entities }), baseUrl).toThrow('behind the host only');
    }
  });
});

describe('names', () => {
  /** A resolver that answers with the next of its answers each time. */
  function resolver(...answers: string[][]): ResolveHost {
    let asked = 0;
    return (_, done) => {
      const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
      queueMicrotask(() =>
        done(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
      );
    };
  }

  async function start() {
    const store = new OutsideStore();
    const server = await OutsideServer.start({ handle: store.handle });
    started.push(server);
    return { server, named: server.url.replace('127.0.0.1', 'depot.example') };
  }

  it('are judged by what they resolve to when the connection is made', async () => {
    const { server, named } = await start();
    const clock = new TestClock();
    const target = entityTarget(localRest(named), {
      clock,
      resolveHost: resolver(['127.0.0.1'], ['169.254.169.254']),
    });
    expect(kinds(await target.apply(facilityRequests(1), entityContext))).toEqual({ done: 1 });
    // The connection that is known to be good is not used for ever.
    await clock.run(clock.sleep(2_001));
    const [second] = await target.apply(facilityRequests(1), entityContext);
    expect(second).toMatchObject({
      kind: 'refused',
      error: {
        code: 'service_forbidden',
        message: expect.stringContaining('depot.example leads to a forbidden address'),
      },
    });
    expect(server.requests).toHaveLength(1);
  });

  it('are refused when one of several addresses is bad', async () => {
    const { server, named } = await start();
    for (const addresses of [['127.0.0.1', 'fe80::1'], ['::ffff:169.254.169.254'], ['127.0.0.1', 'fd00:ec2::254']]) {
      const target = entityTarget(localRest(named), { resolveHost: resolver(addresses) });
      expect(kinds(await target.apply(facilityRequests(1), entityContext)), addresses.join()).toEqual({ refused: 1 });
    }
    expect(server.requests).toHaveLength(0);
  });

  it('lead into a private network only when that is permitted', async () => {
    const secure = restProfile({ name: 'depot', baseUrl: 'https://depot.example', entities: { path: '/facilities' } });
    const target = entityTarget(secure, { resolveHost: resolver(['10.0.0.1']) });
    const [outcome] = await target.apply(facilityRequests(1), entityContext);
    expect(outcome).toMatchObject({ kind: 'refused', error: { message: expect.stringContaining('allowPrivate') } });
  });

  it('that do not resolve may do so later', async () => {
    const { named } = await start();
    const target = entityTarget(localRest(named), { resolveHost: resolver([]) });
    const [outcome] = await target.apply(facilityRequests(1), entityContext);
    expect(outcome).toMatchObject({ kind: 'transient', error: { message: expect.stringContaining('ENOTFOUND') } });
  });
});
