import { randomUUID } from 'node:crypto';
import type { Endpoint } from './endpoint.ts';
import { UnusableError } from './errors.ts';
import { describeNetworkError } from './network-error.ts';
import { problemOf } from './problem.ts';
import { retrying, type Transient } from './retry.ts';

/** An answer is a few kilobytes; one that takes longer than this will not come. */
const answerTimeoutMs = 30_000;

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** How often a request is tried while the service cannot be reached or has a fault. */
  readonly attempts?: number;
}

/** Speaks to Rollcall's HTTP API as its OpenAPI document describes it. */
export class ApiClient {
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  get apiUrl(): string {
    return this.#endpoint.apiUrl;
  }

  /** Reads `path` (`/api/…`) with the query's defined members. */
  async get<Answer>(path: string, query: Query = {}, options: RequestOptions = {}): Promise<Answer> {
    const response = await this.#request('GET', path + queryString(query), {}, options);
    return readJson<Answer>(response);
  }

  async getFile(path: string, query: Query = {}, options: RequestOptions = {}): Promise<Uint8Array> {
    const response = await this.#request('GET', path + queryString(query), {}, options);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Posts JSON. The idempotency key makes a repeated attempt the same request. */
  async post<Answer>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const response = await this.#request('POST', path, { headers, body: JSON.stringify(body ?? {}) }, options);
    return readJson<Answer>(response);
  }

  /** Once only: what is gone can't be taken away again, and an answer that got lost would look like a refusal. */
  async delete<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
    return readJson<Answer>(await this.#request('DELETE', path, {}, { ...options, attempts: 1 }));
  }

  async #request(method: string, path: string, init: RequestInit, options: RequestOptions): Promise<Response> {
    const { apiUrl, key } = this.#endpoint;
    const { signal, attempts = 3 } = options;
    return retrying({ attempts, signal }, async () => {
      const response = await send(apiUrl + path, {
        ...init,
        method,
        headers: { ...init.headers, 'x-api-key': key, accept: 'application/json' },
        // A redirect would carry the key to wherever it points.
        redirect: 'error',
        signal: anyOf(AbortSignal.timeout(answerTimeoutMs), signal),
      });
      if (response.ok) return response;
      throw await problemOf(response);
    });
  }
}

type Query = Readonly<Record<string, string | number | undefined>>;

function queryString(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters}`;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted && init.signal.reason?.name !== 'TimeoutError') throw error;
    throw new UnreachableError(new URL(url).origin, error);
  }
}

/** Nobody answered; worth another try, and in the end a matter for the caller. */
export class UnreachableError extends UnusableError {
  readonly transient: Transient = {};

  constructor(origin: string, cause: unknown) {
    super(
      `cannot reach ${origin}: ${describeNetworkError(cause)}`,
      'Is the service running, and the address right? `npm start` runs a local one.',
      { cause },
    );
  }
}

async function readJson<Answer>(response: Response): Promise<Answer> {
  try {
    return (await response.json()) as Answer;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw new UnreachableError(new URL(response.url).origin, error);
    throw new UnusableError(
      `the service answered HTTP ${response.status} with something that is not JSON`,
      'Is this the address of a Rollcall service?',
      { cause: error },
    );
  }
}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
