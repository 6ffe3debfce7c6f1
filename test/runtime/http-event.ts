import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Caller } from '../../lambdas/model/account.ts';

export const operator: Caller = { accountId: 'acme', keyId: 'k1', role: 'operator' };

export interface HttpEventParts {
  readonly caller?: Caller | undefined;
  readonly path?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  /** Sent as JSON, unless it is a text. */
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}

/** A request as API Gateway's HTTP API hands it to a function (payload format 2.0). */
export function httpEvent(routeKey: string, parts: HttpEventParts = {}): APIGatewayProxyEventV2 {
  const [method = 'GET', path = '/'] = routeKey.split(' ');
  const contentType = parts.body === undefined ? {} : { 'content-type': 'application/json' };
  const event = {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: new URLSearchParams(parts.query).toString(),
    headers: { ...contentType, ...parts.headers },
    ...(parts.query && { queryStringParameters: parts.query }),
    ...(parts.path && { pathParameters: parts.path }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'api.example',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey,
      stage: '$default',
      time: '01/Jan/2030:00:00:00 +0000',
      timeEpoch: 0,
      ...(parts.caller && { authorizer: { lambda: parts.caller } }),
    },
    ...(parts.body !== undefined && { body: typeof parts.body === 'string' ? parts.body : JSON.stringify(parts.body) }),
    isBase64Encoded: parts.isBase64Encoded ?? false,
  };
  return event;
}
