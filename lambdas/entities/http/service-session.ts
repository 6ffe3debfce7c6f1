import { randomUUID } from 'node:crypto';
import type { RowError } from '../../model/row.ts';
import type { ServiceConfiguration, ServiceRequest } from '../../model/service-configuration.ts';
import { type Answer, isSuccess } from './answer-rules.ts';
import type { Clock } from './clock.ts';
import { CredentialError, type Credentials, jsonOf } from './credentials.ts';
import { ExchangeError, type Exchanger, type HttpAnswer } from './exchange.ts';
import type { Redactor } from './redactor.ts';
import { fillRequest } from './request.ts';
import { retryAfterSeconds } from './retry-after.ts';
import type { Admission, ServiceLimiter } from './service-limiter.ts';
import { serviceMessage } from './service-message.ts';
import { type Scope, TemplateError, type TemplateValues } from './template.ts';

/** A request before its row, its credential and its key are known. */
export interface Call {
  readonly request: ServiceRequest;
  readonly values: TemplateValues;
  readonly idempotency?: { readonly header: string; readonly key: string };
}

/**
 * `answer`: the service answered. `busy`: it wants no calls now, or our own limits do not let more through.
 * `unreached`: no usable answer; what was asked may have been done all the same.
 * `impossible`: this call can never be made.
 */
export type CallResult =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly retryAfterSeconds?: number }
  | { readonly kind: 'busy'; readonly error: RowError; readonly retryAfterSeconds: number }
  | { readonly kind: 'unreached'; readonly error: RowError }
  | { readonly kind: 'impossible'; readonly error: RowError };

export interface SessionParts {
  readonly configuration: ServiceConfiguration;
  readonly exchanger: Exchanger;
  readonly limiter: ServiceLimiter;
  readonly credentials: Credentials;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** No call is begun after it has fired. */
  readonly stop: AbortSignal;
  readonly close: () => void;
}

/** How long to stay away from a service that is busy and does not say for how long. */
const defaultPauseSeconds = 1;
const credentialPauseSeconds = 30;

const exchangeCodes = {
  connection: 'service_unreachable',
  timeout: 'service_timeout',
  too_large: 'service_unreadable_answer',
  forbidden: 'service_forbidden',
} as const;

/** The calls of one batch to one service. */
export class ServiceSession implements Disposable {
  readonly #parts: SessionParts;
  #secrets: Promise<Scope> | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get configuration(): ServiceConfiguration {
    return this.#parts.configuration;
  }

  [Symbol.dispose](): void {
    this.#parts.close();
  }

  /** Makes a call when it is its turn. Throws only for what is a mistake in the program. */
  async call(call: Call): Promise<CallResult> {
    const { limiter, signal, stop } = this.#parts;
    try {
      const admission = await limiter.enter(AbortSignal.any([signal, stop]));
      return admission.admitted ? await this.#callAdmitted(call, admission) : this.#notAdmitted(admission);
    } catch (error) {
      return this.#failureOf(error);
    }
  }

  /** The service's reason as a row error. */
  errorOf(code: string, answer: Answer, messagePaths: readonly string[]): RowError {
    return this.error(code, `answered ${serviceMessage(answer, messagePaths, this.#parts.redactor)}`);
  }

  /** A row error that names the service. */
  error(code: string, what: string): RowError {
    return { code, message: this.#parts.redactor.clean(`The service ${this.configuration.name}: ${what}.`) };
  }

  #notAdmitted({ retryAfterSeconds }: Admission & { admitted: false }): CallResult {
    return { kind: 'busy', error: this.error('service_busy', 'had no room for this call yet'), retryAfterSeconds };
  }

  async #callAdmitted(call: Call, admission: Admission & { admitted: true }): Promise<CallResult> {
    try {
      return await this.#resultOf(await this.#authorized(call));
    } finally {
      await admission.leave();
    }
  }

  /** A refused credential is replaced once; the same one again would only be refused again. */
  async #authorized(call: Call): Promise<HttpAnswer> {
    const token = await this.#token();
    const answer = await this.#send(call, token);
    if (answer.status !== 401 || token === undefined) return answer;
    this.#parts.credentials.reject(token);
    const renewed = await this.#token();
    return renewed === token ? answer : this.#send(call, renewed);
  }

  #token(): Promise<string | undefined> {
    return this.#parts.credentials.token((request) => this.#parts.exchanger.send(request, this.#parts.signal));
  }

  async #send({ request, values, idempotency }: Call, token: string | undefined): Promise<HttpAnswer> {
    const scope = { ...values.scope, ...(await this.#ownScope(token)) };
    const filled = fillRequest(request, { ...values, scope });
    const key = idempotency === undefined ? {} : { [idempotency.header.toLowerCase()]: idempotency.key };
    const headers = { ...filled.headers, ...this.#parts.credentials.header(token), ...key };
    return this.#parts.exchanger.send({ ...filled, headers }, this.#parts.signal);
  }

  async #ownScope(token: string | undefined): Promise<Scope> {
    this.#secrets ??= this.#readSecrets();
    const call = { id: randomUUID(), now: this.#parts.clock.now() };
    return { auth: { token }, secrets: await this.#secrets, call };
  }

  async #readSecrets(): Promise<Scope> {
    const names = Object.entries(this.configuration.secrets);
    const values = names.map(async ([name, secret]) => [name, await this.#parts.credentials.secret(secret)]);
    return Object.fromEntries(await Promise.all(values));
  }

  async #resultOf({ status, headers, text }: HttpAnswer): Promise<CallResult> {
    const pause = retryAfterSeconds(headers['retry-after'], this.#parts.clock.now());
    const body = jsonOf(text);
    const answer = { status, body: body ?? text };
    if (status === 401) return this.#unauthorized(answer);
    if (status === 429 || status === 503) return this.#busy(answer, pause ?? defaultPauseSeconds);
    if (isSuccess(status) && body === undefined && text.trim() !== '') {
      return { kind: 'unreached', error: this.error('service_unreadable_answer', `answered ${status} without JSON`) };
    }
    return { kind: 'answer', answer, retryAfterSeconds: pause };
  }

  async #busy(answer: Answer, retryAfterSeconds: number): Promise<CallResult> {
    await this.#parts.limiter.pause(retryAfterSeconds);
    return { kind: 'busy', error: this.errorOf('service_busy', answer, []), retryAfterSeconds };
  }

  /** Not the row's fault, and somebody may be mending the credential already. */
  #unauthorized(answer: Answer): CallResult {
    const error = this.errorOf('service_unauthorized', answer, []);
    return { kind: 'busy', error, retryAfterSeconds: credentialPauseSeconds };
  }

  #failureOf(error: unknown): CallResult {
    if (this.#parts.signal.aborted || this.#parts.stop.aborted) {
      return { kind: 'busy', error: this.error('service_timeout', 'had no time left to answer'), retryAfterSeconds: 1 };
    }
    if (error instanceof TemplateError)
      return { kind: 'impossible', error: this.error('service_request', error.message) };
    if (error instanceof CredentialError) {
      const cause = this.error('service_unauthorized', error.message);
      return { kind: 'busy', error: cause, retryAfterSeconds: credentialPauseSeconds };
    }
    if (error instanceof ExchangeError) return this.#exchangeFailure(error);
    throw error;
  }

  #exchangeFailure({ reason, message }: ExchangeError): CallResult {
    const error = this.error(exchangeCodes[reason], message);
    return { kind: reason === 'forbidden' ? 'impossible' : 'unreached', error };
  }
}
