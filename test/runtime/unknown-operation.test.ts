import { expect, test } from 'vitest';
import { routes } from '../../lambdas/model/api.ts';
import { httpHandler } from '../../lambdas/runtime/http-handler.ts';
import { httpEvent } from './http-event.ts';
import { lambdaContext } from './lambda-context.ts';

/** What the fallback answers to a request that API Gateway found no route for. */
async function ask(method: string, path: string) {
  const own = routes.filter((route) => route.function === 'describe-service');
  const mustNotRun = () => Promise.reject(new Error('must not run'));
  const handler = httpHandler('describe-service', Object.fromEntries(own.map((one) => [one.operationId, mustNotRun])));
  const answer = await handler({ ...httpEvent(`${method} ${path}`), routeKey: '$default' }, lambdaContext());
  const { code } = answer.body ? JSON.parse(answer.body) : {};
  return { status: answer.statusCode, code, allow: answer.headers?.allow, type: answer.headers?.['content-type'] };
}

const problem = 'application/problem+json';

test.each([
  ['GET', '/'],
  ['GET', '/api/castles'],
  ['OPTIONS', '/api/castles'],
  ['DELETE', '/api/health/'],
  ['DELETE', '/api/bulk-actions//rows'],
  // Asked as it is in the table, it is only the gateway that did not find it.
  ['GET', '/api/health'],
])('GIVEN %s %s WHEN no route takes it THEN 404', async (method, path) => {
  expect(await ask(method, path)).toEqual({ status: 404, code: 'not_found', type: problem });
});

test.each([
  ['DELETE', '/api/health', 'GET, OPTIONS'],
  ['HEAD', '/api/bulk-actions/7/rows', 'GET, OPTIONS'],
  ['PATCH', '/api/bulk-actions', 'POST, GET, OPTIONS'],
  // The path of one operation, and as well of another where it is an action's id.
  ['DELETE', '/api/bulk-actions/preview', 'GET, POST, OPTIONS'],
])('GIVEN %s %s WHEN no route takes it THEN 405 with the methods of the path', async (method, path, allow) => {
  expect(await ask(method, path)).toEqual({ status: 405, code: 'method_not_allowed', allow, type: problem });
});

test('GIVEN a preflight WHEN it comes through THEN its status is one that browsers take', async () => {
  expect(await ask('OPTIONS', '/api/bulk-actions')).toEqual({ status: 204, allow: 'POST, GET, OPTIONS' });
});
