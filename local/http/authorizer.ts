/**
 * Lambda authorizers of an HTTP API (type REQUEST): simple answers or IAM policies, cached by their identity sources.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
import type { FunctionDefinition, FunctionHost } from '../functions/function-host.ts';
import { type GatewayAnswer, type GatewayEvent, gatewayMessage } from './gateway-event.ts';

export interface Authorizer {
  definition: FunctionDefinition;
  /** E.g. `$request.header.x-api-key`. */
  identitySource: string[];
  resultTtlSeconds: number;
  simpleResponses: boolean;
}

/** The authorizer's context for the function, or the refusal. */
export type Authorization = { context: Record<string, unknown> } | { refusal: GatewayAnswer };

export type Authorize = (authorizer: Authorizer, event: GatewayEvent) => Promise<Authorization>;

/** Entries beyond this go, the oldest first. */
const CACHE_LIMIT = 1_000;

export function createAuthorization(host: FunctionHost): Authorize {
  const cache = new Map<string, { expiresAt: number; authorization: Authorization }>();

  return async (authorizer, event) => {
    const identity = authorizer.identitySource.map((source) => identityValue(source, event));
    if (identity.some((value) => !value)) return { refusal: gatewayMessage(401, 'Unauthorized') };
    const key = JSON.stringify([authorizer.definition.name, ...identity]);
    const cached = cache.get(key);
    if (cached && cached.expiresAt > Date.now()) return cached.authorization;
    const outcome = await host.invoke(authorizer.definition, authorizerEvent(event, identity), 'now');
    if (!outcome.ok) return { refusal: gatewayMessage(500, 'Internal Server Error') };
    const authorization = read(JSON.parse(outcome.payload), authorizer.simpleResponses);
    if (authorizer.resultTtlSeconds > 0) {
      cache.delete(key);
      cache.set(key, { expiresAt: Date.now() + authorizer.resultTtlSeconds * 1000, authorization });
      const [oldest] = cache.keys();
      if (cache.size > CACHE_LIMIT && oldest) cache.delete(oldest);
    }
    return authorization;
  };
}

function identityValue(source: string, event: GatewayEvent): string | undefined {
  const [, kind, name = ''] = /^\$(request\.header|request\.querystring|context)\.(.+)$/.exec(source) ?? [];
  if (kind === 'request.header') return event.headers[name.toLowerCase()];
  if (kind === 'request.querystring') return event.queryStringParameters?.[name];
  if (name === 'routeKey') return event.routeKey;
  throw new Error(`The local run does not know the identity source ${source}.`);
}

function authorizerEvent(event: GatewayEvent, identity: Array<string | undefined>) {
  const { body: _body, isBase64Encoded: _encoding, ...rest } = event;
  const { apiId, accountId, http } = event.requestContext;
  return {
    ...rest,
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:us-east-1:${accountId}:${apiId}/$default/${http.method}${http.path}`,
    identitySource: identity,
  };
}

interface AuthorizerAnswer {
  isAuthorized?: boolean;
  context?: Record<string, unknown>;
  policyDocument?: { Statement?: Array<{ Effect?: string }> };
}

function read(answer: AuthorizerAnswer | null, simple: boolean): Authorization {
  const statements = answer?.policyDocument?.Statement ?? [];
  const allowed = simple
    ? answer?.isAuthorized === true
    : statements.length > 0 && statements.every(({ Effect }) => Effect === 'Allow');
  return allowed ? { context: answer?.context ?? {} } : { refusal: gatewayMessage(403, 'Forbidden') };
}
