import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { routes } from '../../lambdas/model/api.ts';
import { ProblemError } from '../../lambdas/model/problem.ts';
import {
  type HttpAnswer,
  type HttpOperations,
  type HttpRequest,
  httpHandler,
} from '../../lambdas/runtime/http-handler.ts';
import { bodyBytes } from '../../lambdas/runtime/json-body.ts';
import { type HttpEventParts, httpEvent, operator } from './http-event.ts';
import { lambdaContext } from './lambda-context.ts';
import { recordLogLines } from './log-lines.ts';

afterEach(() => vi.restoreAllMocks());

const create = 'POST /api/bulk-actions';
const get = 'GET /api/bulk-actions/{actionId}';
const actionId = '4a1d0f0e-4c86-4a9b-9a55-0f1f3a4f6b11';
const sheet = { referenceId: 'cmp-1', processName: 'facilityCreation', fileName: 'a.csv', size: 12 };

type Answering = (request: HttpRequest) => Promise<HttpAnswer>;

async function call(routeKey: string, parts: HttpEventParts, answer: Answering = async () => ({ status: 200 })) {
  const route = routes.find(({ method, path }) => `${method} ${path}` === routeKey);
  if (!route) throw new Error(`no route ${routeKey}`);
  const siblings = routes.filter((other) => other.function === route.function);
  const operations: HttpOperations = Object.fromEntries(siblings.map(({ operationId }) => [operationId, answer]));
  return httpHandler(route.function, operations)(httpEvent(routeKey, parts), lambdaContext());
}

function problemOf(answer: APIGatewayProxyStructuredResultV2) {
  expect(answer.headers?.['content-type']).toBe('application/problem+json');
  const document = JSON.parse(answer.body ?? '');
  expect(document.status).toBe(answer.statusCode);
  return document;
}

describe('who may call', () => {
  test.each(routes.filter(({ role }) => role).map((route) => [`${route.method} ${route.path}`, route] as const))(
    'GIVEN no caller WHEN %s is called THEN 401 and the operation never runs',
    async (routeKey) => {
      const answer = await call(routeKey, {}, () => Promise.reject(new Error('must not run')));
      expect(problemOf(answer).code).toBe('unauthorized');
    },
  );

  test('GIVEN a viewer WHEN an operator is needed THEN 403', async () => {
    const answer = await call(create, { caller: { ...operator, role: 'viewer' }, body: sheet });
    expect(problemOf(answer)).toMatchObject({ code: 'forbidden', needed: 'operator' });
  });

  test('GIVEN an admin WHEN a viewer would do THEN the operation learns the caller', async () => {
    const caller = { ...operator, role: 'admin' } as const;
    const answer = await call(get, { caller, path: { actionId } }, async (request) => ({
      status: 200,
      body: request.caller,
    }));
    expect(JSON.parse(answer.body ?? '')).toEqual(caller);
  });

  test('GIVEN an operation without a key WHEN it asks for its caller THEN it fails instead of getting a wrong one', async () => {
    recordLogLines('describe-service');
    const answer = await call('GET /api/health', { caller: operator }, async (request) => ({
      status: 200,
      body: request.caller,
    }));
    expect(answer.statusCode).toBe(500);
  });
});

describe('what is asked', () => {
  test('GIVEN a valid body WHEN called THEN the operation gets what the schema made of it', async () => {
    const answer = await call(create, { caller: operator, body: sheet }, async ({ body }) => ({ status: 201, body }));
    expect(answer).toMatchObject({ statusCode: 201, body: JSON.stringify(sheet) });
  });

  test('GIVEN a body in base64 WHEN called THEN it is read alike', async () => {
    const body = Buffer.from(JSON.stringify(sheet)).toString('base64');
    const parts = { caller: operator, body, isBase64Encoded: true };
    const answer = await call(create, parts, async (request) => ({ status: 201, body: request.body }));
    expect(JSON.parse(answer.body ?? '')).toEqual(sheet);
  });

  test('GIVEN many wrong members WHEN called THEN one answer names each: where, what was expected, what came', async () => {
    const body = { ...sheet, referenceId: '../x', processName: 7, size: -1, onInvalidRow: 'ignore', colour: 'red' };
    const document = problemOf(await call(create, { caller: operator, body }));
    expect(document.code).toBe('invalid_request');
    expect(document.errors).toEqual([
      {
        in: 'body',
        path: 'referenceId',
        expected: 'letters, digits, dot, underscore or hyphen, at most 128 characters',
        received: '"../x"',
      },
      { in: 'body', path: 'processName', expected: 'a text', received: '7' },
      { in: 'body', path: 'size', expected: 'more than 0', received: '-1' },
      { in: 'body', path: 'onInvalidRow', expected: 'one of reject, skip', received: '"ignore"' },
      { in: 'body', path: 'colour', expected: 'no such member', received: 'one' },
    ]);
  });

  test('GIVEN wrong path and wrong query WHEN called THEN both are named', async () => {
    const parts = { caller: operator, path: { actionId: 'seven' }, query: { limit: '0', status: 'lost' } };
    const document = problemOf(await call('GET /api/bulk-actions/{actionId}/rows', parts));
    const places = document.errors.map((error: { in: string; path: string }) => `${error.in}.${error.path}`);
    expect(places).toEqual(['path.actionId', 'query.status', 'query.limit']);
  });

  test('GIVEN a thousand wrong records WHEN called THEN the answer stays small', async () => {
    const body = { referenceId: 'cmp-1', processName: 'p', records: Array.from({ length: 1_000 }, () => 1) };
    const document = problemOf(await call(create, { caller: operator, body }));
    expect(document.errors).toHaveLength(100);
    expect(document.detail).toContain('1000 findings');
  });

  test.each([
    ['text/csv', 'a,b'],
    ['application/x-www-form-urlencoded', 'a=b'],
    ['application/jsonp', '{}'],
  ])('GIVEN a body as %s WHEN called THEN 415', async (type, body) => {
    const answer = await call(create, { caller: operator, headers: { 'content-type': type }, body });
    expect(problemOf(answer).code).toBe('unsupported_media_type');
  });

  test('GIVEN no body at all WHEN one is needed THEN 415, for there is no content-type either', async () => {
    expect(problemOf(await call(create, { caller: operator })).code).toBe('unsupported_media_type');
  });

  test('GIVEN a body too large WHEN called THEN 413 with the limit', async () => {
    const body = `"${'x'.repeat(bodyBytes)}"`;
    const document = problemOf(await call(create, { caller: operator, body }));
    expect(document).toMatchObject({ code: 'payload_too_large', limitBytes: bodyBytes });
  });

  test.each([
    { name: 'as text', parts: { body: '{"a":"\ufffd"}', headers: { 'content-length': '9' } } },
    {
      name: 'in base64',
      parts: { body: Buffer.from('{"a":"\xff"}', 'latin1').toString('base64'), isBase64Encoded: true },
    },
  ])('GIVEN a body of bytes that are no UTF-8, $name WHEN called THEN 400', async ({ parts }) => {
    const headers = { 'content-type': 'application/json', ...parts.headers };
    const document = problemOf(await call(create, { caller: operator, ...parts, headers }));
    expect(document.errors).toEqual([
      { in: 'body', path: '', expected: 'text in UTF-8', received: 'bytes that are none' },
    ]);
  });

  test('GIVEN U+FFFD itself WHEN called THEN it is a character like others', async () => {
    const body = JSON.stringify({ ...sheet, fileName: '\ufffd.csv' });
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const answer = await call(create, { caller: operator, body, headers }, async (request) => ({
      status: 201,
      body: request.body,
    }));
    expect(answer).toMatchObject({ statusCode: 201, body });
  });

  const rows = { referenceId: 'cmp-1', processName: 'campaignCreation' };
  const bodyOf = (members: string) => `${JSON.stringify(rows).slice(0, -1)},${members}}`;
  const echo: Answering = async ({ body }) => ({ status: 201, body });

  test.each([
    '"records":[{"pvarId":12345678901234567890,"of":[1e400,{"n":123456789012.34567890}],"few":1.5}]',
    '"records":[{"__proto__":{"polluted":true},"constructor":"c"}]',
    '"entityIds":["e"],"fieldsToUpdate":{"budget":-0.12345678901234567890,"__proto__":1}',
  ])('GIVEN rows %s WHEN called THEN they keep each digit and each key', async (members) => {
    const answer = await call(create, { caller: operator, body: bodyOf(members) }, echo);
    expect(answer).toMatchObject({ statusCode: 201, body: bodyOf(members) });
    expect({}).not.toHaveProperty('polluted');
  });

  test('GIVEN numbers of many digits elsewhere WHEN called THEN they are numbers, and told as such', async () => {
    const size = async (number: string) =>
      call(create, { caller: operator, body: bodyOf(`"fileName":"a","size":${number}`) }, echo);
    expect(JSON.parse((await size('1000.0000000000000000')).body ?? '')).toMatchObject({ size: 1000 });
    expect(problemOf(await size('1.2345678901234567')).errors).toMatchObject([
      { path: 'size', expected: 'a whole number' },
    ]);
    const numbers = '"records":[12345678901234567890]';
    expect(problemOf(await call(create, { caller: operator, body: bodyOf(numbers) })).errors).toEqual([
      { in: 'body', path: 'records[0]', expected: 'an object', received: '12345678901234567000' },
    ]);
  });

  test.each(['', '{"a":', 'referenceId=1'])('GIVEN the body %j WHEN called THEN 400', async (body) => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const document = problemOf(await call(create, { caller: operator, headers, body }));
    expect(document).toMatchObject({ code: 'invalid_request', errors: [{ in: 'body', expected: 'a JSON document' }] });
  });
});

describe('what is answered', () => {
  test('GIVEN a ProblemError WHEN thrown THEN problem+json with its code and members, not logged as a failure', async () => {
    const lines = recordLogLines('read-bulk-actions');
    const answer = await call(get, { caller: operator, path: { actionId } }, () =>
      Promise.reject(new ProblemError('action_running', 'Another one runs.', { actionId })),
    );
    expect(problemOf(answer)).toEqual({
      type: 'urn:rollcall:problem:action_running',
      title: expect.any(String),
      status: 409,
      code: 'action_running',
      detail: 'Another one runs.',
      actionId,
    });
    expect(lines).toEqual([]);
  });

  test('GIVEN an unexpected error WHEN thrown THEN 500 with a request id and no detail, logged once', async () => {
    const lines = recordLogLines('read-bulk-actions');
    const answer = await call(get, { caller: operator, path: { actionId } }, () =>
      Promise.reject(new Error('table secret-table is gone')),
    );
    expect(problemOf(answer)).toMatchObject({ code: 'internal_error', requestId: 'request-1' });
    expect(answer.body).not.toContain('secret-table');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('secret-table');
  });

  test('GIVEN an operation that never ends WHEN the time is nearly up THEN it is answered, not cut off', async () => {
    recordLogLines('read-bulk-actions');
    const operations: HttpOperations = Object.fromEntries(
      routes
        .filter((route) => route.function === 'read-bulk-actions')
        .map(({ operationId }) => [operationId, () => new Promise<HttpAnswer>(() => {})]),
    );
    const event = httpEvent(get, { caller: operator, path: { actionId } });
    const answer = await httpHandler('read-bulk-actions', operations)(event, lambdaContext(60));
    expect(answer.statusCode).toBe(500);
  });

  test('GIVEN an ETag that the client has WHEN asked again THEN 304 without a body; after a change 200', async () => {
    const parts = { caller: operator, path: { actionId } };
    const answering = (n: number) => async () => ({ status: 200, body: { n } });
    const first = await call(get, parts, answering(1));
    const etag = String(first.headers?.etag);
    const again = { ...parts, headers: { 'if-none-match': `"other", W/${etag}` } };
    expect(await call(get, again, answering(1))).toMatchObject({ statusCode: 304, body: '' });
    expect(await call(get, again, answering(2))).toMatchObject({ statusCode: 200, body: '{"n":2}' });
  });

  test('GIVEN a file WHEN answered THEN its bytes, type and name', async () => {
    const bytes = Buffer.from([0, 255, 128]);
    const answer = await call(
      'GET /api/processes/{name}/template',
      { caller: operator, path: { name: 'p' } },
      async () => ({
        status: 200,
        file: { bytes, contentType: 'application/zip', fileName: 'p.zip' },
      }),
    );
    expect(answer).toMatchObject({
      isBase64Encoded: true,
      headers: { 'content-type': 'application/zip', 'content-disposition': 'attachment; filename="p.zip"' },
    });
    expect(Buffer.from(answer.body ?? '', 'base64')).toEqual(bytes);
  });
});

test('GIVEN operations that are not the route table WHEN the function starts THEN it refuses', () => {
  expect(() => httpHandler('complete-upload', {})).toThrow(/completeUpload/);
  const extra = { completeUpload: async () => ({ status: 200 }), other: async () => ({ status: 200 }) };
  expect(() => httpHandler('complete-upload', extra)).toThrow(/other/);
});
