import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the service received it; `body` is parsed JSON, or the text where it is none. */
export interface ReceivedRequest {
  /** Counted from 1. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
  readonly body: any;
  /** The body as it came. */
  readonly text: string;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What goes wrong with one request. Each happens after the request took effect when `afterEffect` is set, else in
 * place of it.
 */
export interface Fault {
  readonly kind: 'status' | 'garbage' | 'half_a_body' | 'huge_body' | 'hang' | 'hang_in_body' | 'lose_connection';
  readonly afterEffect?: boolean;
  /** For `status`. */
  readonly answer?: ServiceAnswer;
}

export interface OutsideServiceOptions {
  /** What the service does when nothing goes wrong. */
  readonly handle: (request: ReceivedRequest) => ServiceAnswer | Promise<ServiceAnswer>;
  /** Decides what goes wrong; nothing by default. */
  readonly fault?: (request: ReceivedRequest) => Fault | undefined;
  /** Port to listen on; any free one by default. */
  readonly port?: number;
}

/** A service in somebody else's hands: a real HTTP server that remembers what it was asked and can misbehave. */
export class OutsideServer implements AsyncDisposable {
  readonly requests: ReceivedRequest[] = [];
  /** How many connections were made to it. */
  connections = 0;
  /** The most requests that were being answered at one time. */
  maxInFlight = 0;
  /** May be replaced while the service runs. */
  fault: NonNullable<OutsideServiceOptions['fault']>;
  readonly #handle: OutsideServiceOptions['handle'];
  readonly #server: Server;
  #inFlight = 0;

  static async start(options: OutsideServiceOptions): Promise<OutsideServer> {
    const service = new OutsideServer(options);
    service.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  private constructor(options: OutsideServiceOptions) {
    this.#handle = options.handle;
    this.fault = options.fault ?? (() => undefined);
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', () => this.connections++);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.maxInFlight = Math.max(this.maxInFlight, ++this.#inFlight);
    response.once('close', () => this.#inFlight--);
    const request = await this.#receive(incoming);
    const fault = this.fault(request);
    if (fault === undefined) return send(response, await this.#handle(request));
    if (fault.afterEffect) await this.#handle(request);
    misbehave(fault, response);
  }

  async #receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://service');
    const text = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>)).toString('utf8');
    const json = incoming.headers['content-type']?.startsWith('application/json');
    const request: ReceivedRequest = {
      number: this.requests.length + 1,
      method: incoming.method ?? '',
      path: pathname,
      query: searchParams,
      headers: incoming.headers,
      body: json ? JSON.parse(text) : text,
      text,
    };
    this.requests.push(request);
    return request;
  }
}

function send(response: ServerResponse, { status, body, headers = {} }: ServiceAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function misbehave(fault: Fault, response: ServerResponse): void {
  switch (fault.kind) {
    case 'status':
      send(response, fault.answer ?? { status: 500, body: { message: 'internal error' } });
      return;
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' }).end('<<< {"id": ');
      return;
    case 'half_a_body':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"id": "half', () => response.destroy());
      return;
    case 'huge_body':
      response.writeHead(200, { 'content-type': 'application/json' });
      pour(response);
      return;
    case 'hang_in_body':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"id": ');
      return;
    case 'hang':
      return;
    case 'lose_connection':
      response.destroy();
  }
}

/** Writes until nobody reads any more. */
function pour(response: ServerResponse): void {
  const block = 'x'.repeat(64 * 1024);
  const more = () => {
    while (!response.destroyed && response.write(block));
  };
  response.on('drain', more);
  more();
}
