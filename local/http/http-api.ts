/** The stack's HTTP API on a port of this machine. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type FunctionHost, ThrottledError } from '../functions/function-host.ts';
import type { InvocationOutcome } from '../functions/messages.ts';
import { type Authorizer, createAuthorization } from './authorizer.ts';
import { type CorsConfiguration, corsHeaders, isPreflight } from './cors.ts';
import { functionAnswer, type GatewayAnswer, gatewayEvent, gatewayMessage } from './gateway-event.ts';
import { BodyTooLargeError, readBody } from './read-body.ts';
import { createRouteTable, type Route } from './routes.ts';

export interface HttpApiDefinition {
  apiId: string;
  routes: Route[];
  authorizers: Map<string, Authorizer>;
  cors?: CorsConfiguration;
}

export interface HttpApi {
  stop(): Promise<void>;
}

/**
 * How long an idle connection is kept: longer than clients keep theirs, so that none sends a request into a connection
 * that is just being closed.
 */
const IDLE_CONNECTION_MS = 75_000;

/** API Gateway's limits for HTTP APIs. */
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

export async function startHttpApi(port: number, definition: HttpApiDefinition, host: FunctionHost): Promise<HttpApi> {
  const routeTable = createRouteTable(definition.routes);
  const authorize = createAuthorization(host);

  async function answer(request: IncomingMessage): Promise<GatewayAnswer> {
    const { method = 'GET', url = '/', headers } = request;
    if (definition.cors && isPreflight(method, headers)) return { status: 204, headers: {}, body: Buffer.alloc(0) };
    const match = routeTable(method, url.split('?')[0] ?? '/');
    if (!match) return gatewayMessage(404, 'Not Found');
    const body = await readBody(request, BODY_LIMIT_BYTES);
    const event = gatewayEvent(
      { method, url, headers, sourceIp: request.socket.remoteAddress ?? '127.0.0.1', body },
      definition.apiId,
      match,
    );
    const authorizer = match.route.authorizerId && definition.authorizers.get(match.route.authorizerId);
    if (!authorizer) return callFunction(match.route, event);
    const authorization = await authorize(authorizer, event);
    if ('refusal' in authorization) return authorization.refusal;
    return callFunction(match.route, {
      ...event,
      requestContext: { ...event.requestContext, authorizer: { lambda: authorization.context } },
    });
  }

  async function callFunction({ functionArn, timeoutMs }: Route, event: unknown): Promise<GatewayAnswer> {
    const target = host.find(functionArn);
    if (!target) return gatewayMessage(500, 'Internal Server Error');
    const late = new AbortController();
    const timeout = delay<undefined>(timeoutMs, undefined, { signal: late.signal }).catch(() => undefined);
    const outcome: InvocationOutcome | undefined = await Promise.race([host.invoke(target, event, 'now'), timeout]);
    late.abort();
    if (!outcome) return gatewayMessage(503, 'Service Unavailable');
    return outcome.ok ? functionAnswer(outcome.payload) : gatewayMessage(500, 'Internal Server Error');
  }

  const server = createServer((request, response) => {
    answer(request)
      .catch(refusal)
      .then((result) => send(request, response, result, definition.cors));
  });
  server.keepAliveTimeout = IDLE_CONNECTION_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refusal(error: Error): GatewayAnswer {
  if (error instanceof BodyTooLargeError) return gatewayMessage(413, 'Request Entity Too Large');
  if (error instanceof ThrottledError) return gatewayMessage(503, 'Service Unavailable');
  return gatewayMessage(500, 'Internal Server Error');
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: GatewayAnswer,
  cors?: CorsConfiguration,
): void {
  // A body that was too large is not read to its end: the connection cannot be used again.
  const unread = !request.readableEnded && request.headers['content-length'] !== undefined;
  response.writeHead(status, {
    ...headers,
    ...(cors ? corsHeaders(cors, request.headers, isPreflight(request.method ?? '', request.headers)) : {}),
    ...(unread && status === 413 ? { connection: 'close' } : {}),
    ...(status === 204 ? {} : { 'content-length': body.length }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
