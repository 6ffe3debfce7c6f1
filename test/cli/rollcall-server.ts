import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BulkActionView } from '../../cli/api-types.ts';
import { noCounts } from '../../lambdas/model/action.ts';

/** A request as the server received it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON. */
  readonly body?: unknown;
}
/** Answers one request; `destroy` drops the connection instead. */
export type Route = (request: Received) => Reply | 'destroy' | Promise<Reply | 'destroy'>;

/**
 * A small HTTP server that stands for the service and for the storage behind its presigned addresses: routes by
 * `METHOD /path`, and a record of everything that was asked of it.
 */
export class RollcallServer {
  readonly key = 'rk_test_0123456789';
  readonly requests: Received[] = [];
  readonly #routes = new Map<string, Route>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** `when('GET /api/processes', () => ({ body: { items: [] } }))`. The last one given for a route holds. */
  when(route: string, answer: Route): this {
    this.#routes.set(route, answer);
    return this;
  }

  /** The requests to one route, in order. */
  received(route: string): Received[] {
    return this.requests.filter(({ method, path }) => `${method} ${path}` === route);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const received: Received = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(await request.toArray()),
    };
    this.requests.push(received);
    const route = this.#routes.get(`${received.method} ${received.path}`);
    const reply = route ? await route(received) : { status: 404, body: problem('not_found', 404, 'No such thing.') };
    if (reply === 'destroy') response.destroy();
    else send(response, reply);
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, body = '' }: Reply): void {
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, { 'content-type': raw ? 'text/plain' : 'application/json', ...headers });
  response.end(raw ? body : JSON.stringify(body));
}

export function problem(code: string, status: number, detail: string, members: object = {}): object {
  return { type: `urn:rollcall:problem:${code}`, title: code, status, code, detail, ...members };
}

export const actionId = '0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40';

/** An action as the service describes it; `completed` with two rows unless said otherwise. */
export function actionView(change: Partial<BulkActionView> = {}): BulkActionView {
  return {
    actionId,
    referenceId: 'cmp-123',
    processName: 'facilityCreation',
    status: 'completed',
    run: 0,
    counts: { ...noCounts, rows: 2, created: 2 },
    revived: { rows: 0, created: 0, failed: 0 },
    progress: { percent: 100, rowsPerSecond: 0, etaSeconds: null },
    batches: { total: 1, done: 1 },
    source: { kind: 'upload', fileName: 'facilities.csv', size: 20 },
    createdAt: '2026-03-13T10:00:00.000Z',
    startedAt: '2026-03-13T10:00:00.500Z',
    updatedAt: '2026-03-13T10:00:02.500Z',
    finishedAt: '2026-03-13T10:00:02.500Z',
    deadlineAt: '2026-03-13T16:00:00.000Z',
    warnings: [],
    ...change,
  };
}
