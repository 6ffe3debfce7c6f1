import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { z } from 'zod';
import { type Caller, type Role, roleAllows } from '../model/account.ts';
import type { Route } from '../model/api/route.ts';
import { type CallerContext, callerContextSchema } from '../model/caller-context.ts';
import { invalidRequest, type RequestError, type RequestPart } from '../model/invalid-request.ts';
import { ProblemError } from '../model/problem.ts';
import { type AccountLimits, type QuotaState, quotaState, requestBucket } from '../model/quota.ts';
import { QuotaProblem } from '../model/quota-problem.ts';
import { jsonBody } from './json-body.ts';
import { requestErrors } from './request-errors.ts';

/** A checked request; path, query and body are what the route's schemas made of them. */
export interface HttpRequest<Path = unknown, Query = unknown, Body = unknown> {
  /** Who is calling. Operations without a key have none: asking there is a programming error and throws. */
  readonly caller: Caller;
  /** What the caller's account may do; like the caller, only where there is a key. */
  readonly limits: AccountLimits;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawRequest: APIGatewayProxyEventV2;
}

/** Checks caller, path, query and body against the route; throws a `ProblemError` that names all that is wrong. */
export function readRequest(route: Route, event: APIGatewayProxyEventV2): HttpRequest {
  const known = route.role === undefined ? undefined : allowedCaller(event, route.role);
  const errors: RequestError[] = [];
  const read = (part: RequestPart, schema: z.ZodType | undefined, value: unknown): unknown => {
    if (!schema) return undefined;
    const parsed = schema.safeParse(value, { reportInput: true });
    if (!parsed.success) errors.push(...requestErrors(part, parsed.error.issues));
    return parsed.data;
  };
  const path = read('path', route.pathParameters, event.pathParameters ?? {});
  const query = read('query', route.query, event.queryStringParameters ?? {});
  const body = route.body && !mayBeAbsent(route.body, event) ? read('body', route.body, jsonBody(event)) : undefined;
  if (errors.length > 0) throw invalidRequest(errors);
  return {
    get caller() {
      if (!known) throw new Error(`${route.operationId} is called without a key and has no caller`);
      const { accountId, keyId, role } = known;
      return { accountId, keyId, role };
    },
    get limits() {
      if (!known?.limits) throw new Error(`${route.operationId} is called without a key and has no limits`);
      return known.limits;
    },
    path,
    query,
    body,
    headers: event.headers,
    rawRequest: event,
  };
}

/** The caller that the authorizer found. A key that it does not know leads here too, without one. */
function allowedCaller(event: APIGatewayProxyEventV2, least: Role): CallerContext {
  const caller = callerContextOf(event);
  if (!caller) throw new ProblemError('unauthorized', 'Send a valid API key in the header x-api-key.');
  refuseOverLimit(caller);
  if (roleAllows(caller.role, least)) return caller;
  const detail = `This operation needs the role ${least}; the key has the role ${caller.role}.`;
  throw new ProblemError('forbidden', detail, { needed: least });
}

function callerContextOf(event: APIGatewayProxyEventV2): CallerContext | undefined {
  const { authorizer } = event.requestContext as { authorizer?: { lambda?: unknown } };
  return callerContextSchema.safeParse(authorizer?.lambda).data;
}

function refuseOverLimit(caller: CallerContext): void {
  const seconds = caller.requests?.retryAfterSeconds;
  const [state] = requestQuotas(caller);
  if (seconds === undefined || !state) return;
  const detail = `The account may make ${state.capacity} requests a minute and has none left. Try again in ${seconds} s.`;
  throw new QuotaProblem(state, seconds, detail);
}

/** How the caller's quota of requests stands; nothing without a caller. */
export function quotasOf(event: APIGatewayProxyEventV2): QuotaState[] {
  const caller = callerContextOf(event);
  return caller ? requestQuotas(caller) : [];
}

function requestQuotas({ limits, requests }: CallerContext): QuotaState[] {
  if (!limits || !requests) return [];
  const { remaining, fullInSeconds } = requests;
  return [{ ...quotaState('requests', requestBucket(limits), 0, 0), remaining, fullInSeconds }];
}

/** True when no body came and the operation can do without. */
function mayBeAbsent(schema: z.ZodType, { body = '' }: APIGatewayProxyEventV2): boolean {
  return body === '' && schema.safeParse(undefined).success;
}
