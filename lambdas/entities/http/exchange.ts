import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { ServiceTimeouts } from '../../model/service-configuration.ts';
import { type ConnectionGuard, ForbiddenAddressError } from './connection-guard.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Why there is no answer. Its message names neither address parameters nor headers. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly reason: 'connection' | 'timeout' | 'too_large' | 'forbidden';

  constructor(reason: ExchangeError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface ExchangeLimits {
  readonly timeouts: ServiceTimeouts;
  readonly maxAnswerBytes: number;
  /** A longer answer is an error, unless its beginning is enough. */
  readonly cutAnswer?: boolean;
}

/** Connections to one service, kept alive between calls until it is disposed of. */
export class Exchanger implements Disposable {
  readonly #guard: ConnectionGuard;
  readonly #limits: ExchangeLimits;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  constructor(guard: ConnectionGuard, limits: ExchangeLimits) {
    this.#guard = guard;
    this.#limits = limits;
    this.#http = new HttpAgent({ keepAlive: true, lookup: guard.lookup });
    this.#https = new HttpsAgent({ keepAlive: true, lookup: guard.lookup });
  }

  /** One request and its whole answer; redirects are answers. Throws ExchangeError, or the signal's reason. */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    signal.throwIfAborted();
    using phases = new Phases(this.#limits.timeouts);
    try {
      this.#guard.check(request.url);
      const stop = AbortSignal.any([signal, phases.signal]);
      const response = await this.#start(request, phases, stop);
      phases.enter('bodyMs');
      const text = await readText(response, this.#limits);
      return { status: response.statusCode ?? 0, headers: response.headers, text };
    } catch (error) {
      signal.throwIfAborted();
      throw phases.signal.aborted ? phases.signal.reason : exchangeErrorOf(error);
    }
  }

  [Symbol.dispose](): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #start(request: HttpRequest, phases: Phases, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const secure = request.url.protocol === 'https:';
    const options = { method: request.method, headers: headersOf(request), signal };
    const outgoing = secure
      ? httpsRequest(request.url, { ...options, agent: this.#https })
      : httpRequest(request.url, { ...options, agent: this.#http });
    outgoing.on('socket', (socket: Socket) => whenConnected(socket, secure, () => phases.enter('headersMs')));
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(request.body);
    return promise;
  }
}

function headersOf({ headers, body }: HttpRequest): OutgoingHttpHeaders {
  // Compressed answers could be small on the wire and huge in memory.
  const own: OutgoingHttpHeaders = { accept: 'application/json', 'accept-encoding': 'identity', ...headers };
  return body === undefined ? own : { ...own, 'content-length': Buffer.byteLength(body) };
}

function whenConnected(socket: Socket, secure: boolean, then: () => void): void {
  if (!socket.connecting && socket.readyState === 'open') then();
  else socket.once(secure ? 'secureConnect' : 'connect', then);
}

async function readText(response: IncomingMessage, { maxAnswerBytes, cutAnswer }: ExchangeLimits): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes <= maxAnswerBytes) continue;
    // Leaving the loop destroys the response and with it the connection.
    if (cutAnswer) break;
    throw new ExchangeError('too_large', `the answer has more than ${maxAnswerBytes} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function exchangeErrorOf(error: unknown): ExchangeError {
  if (error instanceof ExchangeError) return error;
  if (error instanceof ForbiddenAddressError) return new ExchangeError('forbidden', error.message, { cause: error });
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new ExchangeError('connection', `the connection failed (${code})`, { cause: error });
}

const phaseNames = { connectMs: 'connection', headersMs: 'answer', bodyMs: 'end of the answer', totalMs: 'end' };

/** The timers of one exchange: one for the phase it is in, one for all of it. */
class Phases implements Disposable {
  readonly #timeouts: ServiceTimeouts;
  readonly #stop = new AbortController();
  readonly #total: NodeJS.Timeout;
  #phase: NodeJS.Timeout;

  constructor(timeouts: ServiceTimeouts) {
    this.#timeouts = timeouts;
    this.#total = this.#timer('totalMs');
    this.#phase = this.#timer('connectMs');
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  enter(phase: keyof ServiceTimeouts): void {
    clearTimeout(this.#phase);
    this.#phase = this.#timer(phase);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#phase);
    clearTimeout(this.#total);
  }

  #timer(phase: keyof ServiceTimeouts): NodeJS.Timeout {
    const milliseconds = this.#timeouts[phase];
    const message = `no ${phaseNames[phase]} within ${milliseconds} ms`;
    return setTimeout(() => this.#stop.abort(new ExchangeError('timeout', message)), milliseconds);
  }
}
