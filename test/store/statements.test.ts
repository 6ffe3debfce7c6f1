import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runStatements, type Statement, StatementError } from '../../lambdas/store/statements.ts';
import { emulatorCredentials } from '../support/entities.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

type Outcome = { Error?: { Code: string } };
/** Says of a statement's identifier, at its n-th attempt, with which code it is refused; undefined lets it through. */
type Refusal = (identifier: string, attempt: number) => string | undefined;

let stores: TestStores;
let gate: Server;
let client: DynamoDBClient;
let refusal: Refusal;
let attempts: Map<string, number>;

/** DynamoDB carries out the statements of a batch one by one; those that it refuses, it has not carried out. */
beforeAll(async () => {
  stores = await startTestStores();
  gate = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request)) as { Statements: { Parameters: { S: string }[] }[] };
    const refused = body.Statements.map(({ Parameters }) => refuse(Parameters[1]?.S ?? ''));
    const open = body.Statements.filter((_, index) => refused[index] === undefined);
    const outcomes = open.length > 0 ? await carryOut(request, { Statements: open }) : [];
    const answers = refused.map((Code) => (Code === undefined ? outcomes.shift() : { Error: { Code } }));
    response.end(JSON.stringify({ Responses: answers }));
  }).listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const { port } = gate.address() as AddressInfo;
  client = new DynamoDBClient({ ...emulatorCredentials, endpoint: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  gate.close();
  gate.closeAllConnections();
  await stores.stop();
});
beforeEach(() => {
  attempts = new Map();
  refusal = () => undefined;
});

function refuse(identifier: string): string | undefined {
  const attempt = (attempts.get(identifier) ?? 0) + 1;
  attempts.set(identifier, attempt);
  return refusal(identifier, attempt);
}

async function carryOut(request: IncomingMessage, body: unknown): Promise<Outcome[]> {
  const { 'content-length': _, host: __, ...headers } = request.headers as Record<string, string>;
  const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '';
  const answer = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(body) });
  return ((await answer.json()) as { Responses: Outcome[] }).Responses;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function inserts(pk: string, count: number): Statement[] {
  return Array.from({ length: count }, (_, index) => ({
    Statement: `INSERT INTO "tracking" VALUE {'pk':?,'sk':?}`,
    Parameters: [{ S: pk }, { S: `row ${index}` }],
  }));
}

describe('GIVEN statements of which DynamoDB throttles some', () => {
  it('WHEN they run THEN only those are tried again, and each outcome stands in its place', async () => {
    await runStatements(client, inserts('some', 60).slice(10, 20));
    attempts.clear();
    refusal = (identifier, attempt) =>
      Number(identifier.slice(4)) % 3 === 0 && attempt <= 3 ? 'ThrottlingError' : undefined;
    const outcomes = await runStatements(client, inserts('some', 60));
    expect(outcomes).toEqual(outcomes.map((_, index) => (index >= 10 && index < 20 ? 'duplicate' : 'applied')));
    expect(
      [...attempts].every(([identifier, count]) => count === (Number(identifier.slice(4)) % 3 === 0 ? 4 : 1)),
    ).toBe(true);
  });

  it('WHEN they are throttled without end THEN it says so', async () => {
    refusal = (identifier) => (identifier === 'row 7' ? 'ProvisionedThroughputExceeded' : undefined);
    await expect(runStatements(client, inserts('endless', 10))).rejects.toThrow(/throttling/);
    expect(attempts.get('row 6')).toBe(1);
  });
});

describe('GIVEN a statement that DynamoDB refuses for good', () => {
  it('WHEN it runs THEN it is not tried again', async () => {
    refusal = (identifier) => (identifier === 'row 3' ? 'ValidationError' : undefined);
    await expect(runStatements(client, inserts('wrong', 5))).rejects.toThrow(StatementError);
    expect(attempts.get('row 3')).toBe(1);
  });
});
