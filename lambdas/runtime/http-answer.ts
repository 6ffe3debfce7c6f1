import { hash } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { MethodProblem } from '../model/method-problem.ts';
import type { ProblemError } from '../model/problem.ts';
import type { QuotaState } from '../model/quota.ts';
import { QuotaProblem } from '../model/quota-problem.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';

/** What an operation answers: JSON, a file, or nothing but a status. */
export interface HttpAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Further headers, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly file?: HttpFile;
  /** Server-sent events, as text. */
  readonly events?: string;
  /** Quotas of which the operation has taken, beyond that of requests. */
  readonly quotas?: readonly QuotaState[];
}

export interface HttpFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly fileName: string;
}

/** What answers of every kind say. */
const commonHeaders = { 'x-content-type-options': 'nosniff' };

/**
 * The answer as API Gateway wants it. A JSON answer to a GET carries an ETag, and one that the client has already
 * (`ifNoneMatch`) is not sent again: a client that polls an action pays for news only.
 */
export function gatewayAnswer(
  { status, body, headers, file, events }: HttpAnswer,
  request: { readonly method: string; readonly ifNoneMatch?: string | undefined },
): APIGatewayProxyStructuredResultV2 {
  if (file) return fileAnswer(status, file, headers);
  if (events !== undefined) return eventsAnswer(status, events, headers);
  const text = body === undefined ? '' : JSON.stringify(body);
  const type: Record<string, string> = text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' };
  if (request.method !== 'GET' || status !== 200) {
    return {
      statusCode: status,
      headers: { ...commonHeaders, ...type, 'cache-control': 'no-store', ...headers },
      body: text,
    };
  }
  const etag = `"${hash('sha1', text, 'base64url')}"`;
  const cached = { ...commonHeaders, 'cache-control': 'private, no-cache', ...headers, etag };
  if (names(request.ifNoneMatch, etag)) return { statusCode: 304, headers: cached, body: '' };
  return { statusCode: 200, headers: { ...cached, ...type }, body: text };
}

/** The problem as RFC 9457 has it; `quotas` are those of the caller. */
export function problemAnswer(problem: ProblemError, quotas: readonly QuotaState[]): APIGatewayProxyStructuredResultV2 {
  const exceeded = problem instanceof QuotaProblem ? problem : undefined;
  const told = exceeded ? [...quotas.filter(({ quota }) => quota !== exceeded.state.quota), exceeded.state] : quotas;
  return {
    statusCode: problem.status,
    headers: {
      ...commonHeaders,
      ...rateLimitHeaders(told),
      ...(problem instanceof MethodProblem && { allow: problem.allowed.join(', ') }),
      ...(exceeded && { 'retry-after': String(exceeded.retryAfterSeconds) }),
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    },
    body: JSON.stringify(problem.toDocument()),
  };
}

function fileAnswer(
  status: number,
  { bytes, contentType, fileName }: HttpFile,
  headers: HttpAnswer['headers'],
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: {
      ...commonHeaders,
      'content-type': contentType,
      'content-disposition': `attachment; filename="${fileName}"`,
      ...headers,
    },
    body: bytes.toString('base64'),
    isBase64Encoded: true,
  };
}

function eventsAnswer(
  status: number,
  events: string,
  headers: HttpAnswer['headers'],
): APIGatewayProxyStructuredResultV2 {
  const own = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' };
  return { statusCode: status, headers: { ...commonHeaders, ...own, ...headers }, body: events };
}

/** Whether an If-None-Match header names the tag. Proxies may have made it a weak one. */
function names(ifNoneMatch: string | undefined, etag: string): boolean {
  if (!ifNoneMatch) return false;
  return ifNoneMatch.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}
