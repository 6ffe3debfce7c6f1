/** One HTTP server for the AWS services that the local run provides itself, speaking their JSON and REST protocols. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { readBody } from '../http/read-body.ts';

/** An error by its AWS code. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
    this.status = status;
  }
}

/** An action of a JSON protocol service, by its `X-Amz-Target`, e.g. `AWSEvents.PutEvents`. */
export type JsonActions = Record<string, (input: Record<string, unknown>) => unknown>;

export interface RestRequest {
  method: string;
  /** Segments of the path, decoded. */
  path: string[];
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface RestAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Text goes as it is, anything else as JSON. */
  body?: unknown;
}

/** Answers undefined for requests of other services. */
export type RestService = (request: RestRequest) => Promise<RestAnswer | undefined> | RestAnswer | undefined;

export interface ControlServer {
  url: string;
  stop(): Promise<void>;
}

/** Larger than any of these services takes. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

export async function startControlServer(
  port: number,
  actions: JsonActions,
  services: RestService[],
): Promise<ControlServer> {
  const server = createServer(async (request, response) => {
    const { status = 200, headers = {}, body } = await answer(request, actions, services);
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': randomUUID(),
      'content-length': Buffer.byteLength(text),
      ...headers,
    });
    response.end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, actions: JsonActions, services: RestService[]): Promise<RestAnswer> {
  try {
    const body = (await readBody(request, BODY_LIMIT_BYTES)).toString();
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') return { body: (await callAction(actions, target, body)) ?? {} };
    const url = new URL(request.url ?? '/', 'http://localhost');
    const rest: RestRequest = {
      method: request.method ?? 'GET',
      path: url.pathname.split('/').filter(Boolean).map(decodeURIComponent),
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    for (const service of services) {
      const result = await service(rest);
      if (result) return result;
    }
    throw new ServiceError(
      'UnknownOperationException',
      `The local run does not provide ${request.method} ${url.pathname}.`,
      404,
    );
  } catch (error) {
    return errorAnswer(error as Error);
  }
}

async function callAction(actions: JsonActions, target: string, body: string): Promise<unknown> {
  const action = actions[target];
  if (!action) throw new ServiceError('UnknownOperationException', `The local run does not provide ${target}.`);
  return action(JSON.parse(body || '{}') as Record<string, unknown>);
}

function errorAnswer(error: Error & { code?: string; status?: number }): RestAnswer {
  const known = typeof error.code === 'string' && /^[A-Z]/.test(error.code) && !error.code.startsWith('ERR_');
  const code = known ? (error.code as string) : 'InternalFailure';
  return {
    status: error.status ?? (known ? 400 : 500),
    headers: { 'x-amzn-errortype': code },
    body: { __type: code, message: error.message, Message: error.message },
  };
}
