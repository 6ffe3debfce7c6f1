import { fileURLToPath } from 'node:url';
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTables, tablesOf } from '../../bench/support/tables.ts';
import { restProfile } from '../../lambdas/entities/http/rest-profile.ts';
import { startDynoxide } from '../../local/emulators/dynoxide.ts';
import { choosePorts } from '../../local/state/ports.ts';
import { synthesize } from '../lib/synthesize.ts';
import { functionsOf, permissionsOf } from '../lib/template.ts';
import { RollcallClient } from '../support/client.ts';
import { OutsideServer } from '../support/outside-service.ts';
import { bootStackWith } from '../support/outside-stack.ts';
import { OutsideStore } from '../support/outside-store.ts';
import { accounts, campaign, contacts, outside, turns, webhooks } from './journeys.ts';
import { permissionsFor } from './permissions.ts';
import { type Outcome, play } from './play.ts';
import { Recorder } from './recorder.ts';

const directory = process.env.ROLLCALL_DYNAMODB_LOCAL;
const program = fileURLToPath(new URL('dynamodb-local', import.meta.url));

/** One has no table, the others' part comes only when something is lost: the tests of the steps ask in their place. */
const neverAsk = ['describe-service', 'drain-dead-letters', 'fail-action', 'fail-mapping'];

const recorder = new Recorder();
let tables: TableDescription[];
let functionNames: string[];

/** Runs all journeys on the embedded stack, with a service outside that is busy once and refuses some. */
async function record(): Promise<void> {
  const people = new OutsideStore({
    refuse: (user) => (JSON.stringify(user).includes('Bad') ? 'No such name here.' : undefined),
  });
  await using server = await OutsideServer.start({
    handle: (request) => (request.path.startsWith('/people') ? people.handle(request) : { status: 200 }),
  });
  const busy = { kind: 'status', answer: { status: 429, headers: { 'retry-after': '1' } } } as const;
  const gone = { kind: 'status', answer: { status: 410 } } as const;
  const faults = new Map([
    ['/people', [busy]],
    ['/gone', [gone]],
  ]);
  server.fault = ({ path }) => faults.get(path)?.shift();
  const service = { name: 'agency', baseUrl: server.url, entities: { path: '/people' }, allowPrivate: true };
  const services = { services: [restProfile(service)], processes: { userCreation: { entities: 'agency' } } };
  await using stack = await bootStackWith(
    { settleSeconds: 1, stallSeconds: 60, deadlineSeconds: 600, singleUploadBytes: 100, services },
    { interceptor: recorder.interceptor },
  );
  const client = new RollcallClient(stack.address);
  await Promise.all([
    campaign(client),
    contacts(client),
    turns(client),
    accounts(client),
    webhooks(client, server.url),
    outside(client),
  ]);
  await stack.local.waitUntilIdle();
  await stack.local.invoke('rollcall-local-sweep-actions', {});
  tables = await tablesOf(stack.local.endpoints.dynamodb);
  functionNames = stack.local.functionNames;
}

/** Starts a DynamoDB, with the tables but without items, asks it everything that was asked, and ends it. */
async function ask(own: { program?: string }): Promise<Outcome[]> {
  const { dynamodb: port } = await choosePorts(0);
  const onExit = (reason: string) => {
    throw new Error(reason);
  };
  const emulator = await startDynoxide({ port, onExit, ...own });
  try {
    await createTables(emulator.url, tables);
    return await play(emulator.url, recorder.requests);
  } finally {
    await emulator.stop();
  }
}

describe.skipIf(directory === undefined)(
  'GIVEN what functions ask of DynamoDB (skipped without ROLLCALL_DYNAMODB_LOCAL)',
  () => {
    let embedded: Outcome[];
    let local: Outcome[];
    beforeAll(async () => {
      await record();
      embedded = await ask({});
      local = await ask({ program });
    });

    it('WHEN it was recorded THEN all functions that have tables had asked', () => {
      const asked = new Set(recorder.requests.map(({ functionName }) => functionName));
      const silent = functionNames
        .filter((name) => !asked.has(name))
        .map((name) => name.replace('rollcall-local-', ''));
      expect(silent.sort()).toEqual(neverAsk);
    });

    it('WHEN it was asked THEN by functions that the template lets ask it', async () => {
      const template = await synthesize('local');
      const allowed = new Map(
        [...functionsOf(template).keys()].map((name) => [
          `rollcall-local-${name}`,
          permissionsOf(template, name).map(({ action, resource }) => `${action} ${resource}`),
        ]),
      );
      const needed = recorder.requests.flatMap((request) =>
        permissionsFor(request).map((permission) => ({ functionName: request.functionName, permission })),
      );
      for (const { functionName, permission } of needed) {
        expect(allowed.get(functionName), functionName).toContain(permission);
      }
    });

    it('WHEN it is asked of DynamoDB Local THEN each answer is that of the embedded DynamoDB', () => {
      for (const [index, request] of recorder.requests.entries()) {
        expect({ ...request, outcome: local[index] }).toEqual({ ...request, outcome: embedded[index] });
      }
    });

    it('WHEN it is refused THEN because of a condition, never because it is no request', () => {
      const refusals = local.flatMap((outcome) => ('refused' in outcome ? outcome.refused : []));
      expect([...new Set(refusals)].sort()).toEqual([
        'ConditionalCheckFailedException',
        'TransactionCanceledException',
      ]);
    });
  },
);
