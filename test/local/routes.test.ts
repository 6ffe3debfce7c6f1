import { describe, expect, test } from 'vitest';
import { createRouteTable } from '../../local/http/routes.ts';

const keys = [
  '$default',
  'GET /{proxy+}',
  'ANY /api/{proxy+}',
  'GET /api/actions',
  'GET /api/actions/{id}',
  'ANY /api/actions/{id}',
  'GET /api/actions/{id}/rows',
  'GET /',
];
const table = createRouteTable(keys.map((routeKey) => ({ routeKey, functionArn: routeKey, timeoutMs: 1 })));

describe('routes', () => {
  test.each([
    ['GET', '/api/actions', 'GET /api/actions', undefined],
    ['GET', '/api/actions/a%20b', 'GET /api/actions/{id}', { id: 'a b' }],
    ['PUT', '/api/actions/7', 'ANY /api/actions/{id}', { id: '7' }],
    ['GET', '/api/actions/7/rows', 'GET /api/actions/{id}/rows', { id: '7' }],
    ['GET', '/api/actions/7/other', 'ANY /api/{proxy+}', { proxy: 'actions/7/other' }],
    ['GET', '/elsewhere/x', 'GET /{proxy+}', { proxy: 'elsewhere/x' }],
    ['GET', '/', 'GET /', undefined],
    ['DELETE', '/elsewhere', '$default', undefined],
    ['GET', '/api/actions/%E0%A4', 'GET /api/actions/{id}', { id: '%E0%A4' }],
  ])(
    'GIVEN %s %s WHEN routes are compared THEN the most specific one takes it: %s',
    (method, path, routeKey, pathParameters) => {
      expect(table(method, path)).toEqual({
        route: expect.objectContaining({ routeKey }),
        ...(pathParameters ? { pathParameters } : {}),
      });
    },
  );

  test('GIVEN no $default WHEN nothing fits THEN there is no route', () => {
    expect(createRouteTable([])('GET', '/')).toBeUndefined();
  });
});
