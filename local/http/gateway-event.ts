/**
 * Requests as a function behind an HTTP API gets them (payload format 2.0), and its answers as the caller gets them.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ACCOUNT_ID } from '../assembly/aws-names.ts';
import type { RouteMatch } from './routes.ts';

export interface GatewayRequest {
  method: string;
  /** With the query, as it was sent. */
  url: string;
  headers: IncomingHttpHeaders;
  sourceIp: string;
  body: Buffer;
}

export interface GatewayAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

export type GatewayEvent = ReturnType<typeof gatewayEvent>;

export function gatewayEvent(request: GatewayRequest, apiId: string, { route, pathParameters }: RouteMatch) {
  const [path = '/', query = ''] = splitOnce(request.url, '?');
  const { cookie, ...headers } = request.headers;
  const now = new Date();
  const isText = request.body.length === 0 || isTextType(request.headers['content-type']);
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie ? { cookies: cookie.split('; ') } : {}),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(',')])),
    ...(query ? { queryStringParameters: queryParameters(query) } : {}),
    ...(pathParameters ? { pathParameters } : {}),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId,
      domainName: request.headers.host ?? 'localhost',
      domainPrefix: apiId,
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(request.body.length > 0 ? { body: request.body.toString(isText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: !isText,
  };
}

/** What API Gateway itself answers: a status and a message. */
export function gatewayMessage(status: number, message: string): GatewayAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ message })) };
}

interface FunctionAnswer {
  statusCode?: number | string;
  headers?: Record<string, string | number | boolean>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
}

/** @param payload the function's result as JSON text; one without a status code is the body itself */
export function functionAnswer(payload: string): GatewayAnswer {
  const result = JSON.parse(payload) as FunctionAnswer | null;
  if (result === null || typeof result !== 'object' || result.statusCode === undefined) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(payload) };
  }
  const { statusCode, headers = {}, cookies, body = '', isBase64Encoded } = result;
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status: Number(statusCode),
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(named),
      ...(cookies?.length ? { 'set-cookie': cookies } : {}),
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

function isTextType(type = 'text/plain'): boolean {
  return /^(text\/|application\/([\w.-]+\+)?(json|xml)|application\/javascript|application\/x-www-form-urlencoded)/i.test(
    type,
  );
}

/** Values of one name are joined by commas. */
function queryParameters(query: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    values[name] = name in values ? `${values[name]},${value}` : value;
  }
  return values;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

/** 12/Mar/2030:19:03:58 +0000 */
function commonLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
