import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FixtureStack, startFixture } from './support/fixture-stack.ts';

let stack: FixtureStack;
const get = (path: string, init: RequestInit = {}) => fetch(stack.apiUrl + path, init);
// biome-ignore lint/suspicious/noExplicitAny: the event's shape is what the test is about
const event = async (response: Promise<Response>): Promise<any> => (await response).json();
const withKey = { headers: { 'x-api-key': 'good-key' } };

beforeAll(async () => {
  stack = await startFixture('http-api', { logTo: 'none' });
});
afterAll(() => stack.stop());

describe('requests', () => {
  test('GIVEN a query and cookies WHEN a request comes THEN the function gets payload format 2.0', async () => {
    const response = await get('/echo?a=1&a=2&b=%C3%A4', { headers: { cookie: 'x=1; y=2', 'X-Custom': 'one' } });
    expect(await response.json()).toMatchObject({
      version: '2.0',
      routeKey: 'GET /{proxy+}',
      rawPath: '/echo',
      rawQueryString: 'a=1&a=2&b=%C3%A4',
      cookies: ['x=1', 'y=2'],
      headers: { 'x-custom': 'one' },
      queryStringParameters: { a: '1,2', b: 'ä' },
      pathParameters: { proxy: 'echo' },
      requestContext: { http: { method: 'GET', path: '/echo' }, stage: '$default' },
      isBase64Encoded: false,
    });
  });

  test.each([
    ['application/json', '{"ä":1}', '{"ä":1}', false],
    ['application/octet-stream', '\u0001\u0002', 'AQI=', true],
  ])(
    'GIVEN a body of %s WHEN it is posted THEN the function gets it as text or base64',
    async (type, body, expected, encoded) => {
      const response = await get('/echo', {
        method: 'POST',
        body: Buffer.from(body),
        headers: { 'content-type': type },
      });
      expect(await response.json()).toMatchObject({ body: expected, isBase64Encoded: encoded });
    },
  );

  test('GIVEN 60 requests at once WHEN they come THEN each is answered, by no more threads than answer at a time', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => get('/thread')));
    expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(200));
    const threads = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(threads).size).toBeLessThanOrEqual(16);
  });

  test('GIVEN a body over 10 MiB WHEN it is posted THEN the answer is 413', async () => {
    const response = await get('/echo', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(response.status).toBe(413);
  });

  test('GIVEN a method without a route WHEN it is asked for THEN the answer is 404', async () => {
    const response = await get('/echo', { method: 'DELETE' });
    expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
  });
});

describe('answers', () => {
  test('GIVEN base64 WHEN the function answers THEN the caller gets bytes', async () => {
    const response = await get('/binary');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 1]);
  });

  test('GIVEN cookies WHEN the function answers THEN each is a header of its own', async () => {
    const response = await get('/cookies');
    expect([response.status, response.headers.getSetCookie()]).toEqual([204, ['a=1; Path=/', 'b=2']]);
  });

  test('GIVEN an object without a status code WHEN the function answers THEN it is the body', async () => {
    expect(await (await get('/plain-object')).json()).toEqual({ hello: 'world' });
  });

  test('GIVEN a function that throws WHEN it is called THEN the caller learns nothing of it', async () => {
    const response = await get('/fails');
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  test('GIVEN an integration timeout WHEN the function takes longer THEN the answer is 503', async () => {
    expect((await get('/slow')).status).toBe(503);
  });
});

describe('the authorizer', () => {
  test('GIVEN no key WHEN a private route is asked THEN the answer is 401 and nobody is called', async () => {
    const response = await get('/private/7');
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
  });

  test('GIVEN a wrong key WHEN a private route is asked THEN the answer is 403', async () => {
    const response = await get('/private/7', { headers: { 'x-api-key': 'bad-key' } });
    expect([response.status, await response.json()]).toEqual([403, { message: 'Forbidden' }]);
  });

  test('GIVEN a good key WHEN routes are asked again THEN the function gets the context, from the cache', async () => {
    const first = await event(get('/private/7', withKey));
    const second = await event(get('/private/8/files/a/b%20c.txt', withKey));
    expect(first.requestContext.authorizer.lambda).toMatchObject({ accountId: 'acc-1' });
    expect(second.requestContext.authorizer).toEqual(first.requestContext.authorizer);
    expect(first.pathParameters).toEqual({ id: '7' });
    expect(second).toMatchObject({
      routeKey: 'ANY /private/{id}/files/{path+}',
      pathParameters: { id: '8', path: 'a/b c.txt' },
    });
  });
});

describe('CORS', () => {
  const preflight = (origin: string) =>
    get('/private/7', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } });

  test('GIVEN an allowed origin WHEN it asks first THEN it is told the methods and headers without a key', async () => {
    const response = await preflight('https://console.example');
    expect([response.status, Object.fromEntries(response.headers)]).toMatchObject([
      204,
      {
        'access-control-allow-origin': 'https://console.example',
        'access-control-allow-methods': 'GET,POST',
        'access-control-allow-headers': 'x-api-key',
        'access-control-max-age': '3600',
      },
    ]);
  });

  test('GIVEN another origin WHEN it asks THEN it gets no leave', async () => {
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('GIVEN an allowed origin WHEN it is refused THEN it can read the refusal', async () => {
    const response = await get('/private/7', { headers: { origin: 'https://console.example' } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://console.example',
    ]);
  });
});
