import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callInBulk } from '../../lambdas/store/bulk-calls.ts';
import { emulatorCredentials } from '../support/entities.ts';

interface Seen {
  readonly headers: IncomingMessage['headers'];
  readonly path: string | undefined;
  readonly body: string;
}

/** What the server does with its n-th request, counted from 1. */
type Conduct = (attempt: number, response: ServerResponse) => void;

let server: Server;
let client: DynamoDBClient;
let conduct: Conduct;
let seen: Seen[];

const input = { Statements: [{ Statement: 'x', Parameters: [{ S: 'Gurúè 🏥' }, { N: '7' }, { NULL: true }] }] };
const answer = { Responses: [{ TableName: 'tracking' }] };
const call = (signal?: AbortSignal) =>
  callInBulk(client, { operation: 'BatchExecuteStatement', input, ...(signal && { signal }) });
const refuse = (response: ServerResponse, status: number, body: string) => response.writeHead(status).end(body);

beforeAll(async () => {
  server = createServer(async (request, response) => {
    seen.push({ headers: request.headers, path: request.url, body: await text(request) });
    conduct(seen.length, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = new DynamoDBClient({ ...emulatorCredentials, endpoint: `http://127.0.0.1:${port}/dynamo`, maxAttempts: 4 });
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  seen = [];
  conduct = (_, response) => response.end(JSON.stringify(answer));
});

describe('GIVEN a bulk call', () => {
  it('WHEN it is answered THEN it was a signed request of the operation, to the client’s endpoint, with its input as it is', async () => {
    expect(await call()).toEqual(answer);
    const [{ headers, path, body } = { headers: {}, path: '', body: '' }] = seen;
    expect(headers).toMatchObject({
      'x-amz-target': 'DynamoDB_20120810.BatchExecuteStatement',
      'content-type': 'application/x-amz-json-1.0',
      authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/us-east-1\/dynamodb\//),
    });
    expect(path).toBe('/dynamo');
    expect(JSON.parse(body)).toEqual(input);
  });

  it.each<[string, Conduct]>([
    ['is throttled', (_, response) => refuse(response, 400, '{"__type":"com.amazonaws#ThrottlingException"}')],
    ['meets a fault of the server', (_, response) => refuse(response, 500, '{"__type":"x#InternalServerError"}')],
    ['meets a proxy that has no answer', (_, response) => refuse(response, 503, '<html>Service Unavailable</html>')],
    ['is cut off', (_, response) => response.destroy()],
  ])('WHEN it %s THEN it is tried again', async (_, trouble) => {
    conduct = (attempt, response) => (attempt < 3 ? trouble(attempt, response) : response.end(JSON.stringify(answer)));
    expect(await call()).toEqual(answer);
    expect(seen.map(({ body }) => JSON.parse(body))).toEqual([input, input, input]);
  });

  it('WHEN it is throttled without end THEN it says so after as many attempts as the client makes', async () => {
    conduct = (_, response) => refuse(response, 400, '{"__type":"x#ThrottlingException","message":"Slow down."}');
    await expect(call()).rejects.toMatchObject({ name: 'ThrottlingException', message: 'Slow down.' });
    expect(seen).toHaveLength(4);
  });

  it('WHEN it is refused for good THEN it is not tried again, and the error has its name', async () => {
    conduct = (_, response) => refuse(response, 400, '{"__type":"x#ResourceNotFoundException","Message":"No table."}');
    await expect(call()).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: 'No table.' });
    expect(seen).toHaveLength(1);
  });

  it('WHEN its signal fires while it waits THEN it ends at once and is not tried again', async () => {
    const controller = new AbortController();
    conduct = () => controller.abort();
    await expect(call(controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toHaveLength(1);
  });
});
