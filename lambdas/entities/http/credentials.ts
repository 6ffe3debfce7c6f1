import { z } from 'zod';
import type { SecretReference, ServiceAuth } from '../../model/service-configuration.ts';
import { isSuccess } from './answer-rules.ts';
import type { Clock } from './clock.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';
import { valueAt } from './paths.ts';
import type { Redactor } from './redactor.ts';

/** Reads a secret's text by its ARN or name. */
export type ReadSecret = (secret: string) => Promise<string>;

/** The credential could not be had. Its message holds no secret. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
}

/** Sends the token request. */
export type SendForToken = (request: HttpRequest) => Promise<HttpAnswer>;

interface Token {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly goodUntil: number;
}

/** Secrets are read anew after this long, so that a rotated one is noticed without a refusal. */
const secretSeconds = 300;
/** A token is renewed this long before it ends: it has to last for the call. */
const tokenMarginSeconds = 60;

const tokenAnswerSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().default(300),
});

/** The credential of one service, kept between calls; concurrent callers share one renewal. */
export class Credentials {
  readonly #auth: ServiceAuth;
  readonly #readSecret: ReadSecret;
  readonly #redactor: Redactor;
  readonly #clock: Clock;
  #token: Token | undefined;
  #renewal: Promise<Token> | undefined;

  constructor(auth: ServiceAuth, readSecret: ReadSecret, redactor: Redactor, clock: Clock) {
    this.#auth = auth;
    this.#readSecret = readSecret;
    this.#redactor = redactor;
    this.#clock = clock;
  }

  /** The token to send; undefined for a service without authentication. Throws CredentialError. */
  async token(send: SendForToken): Promise<string | undefined> {
    if (this.#auth.kind === 'none') return undefined;
    if (this.#token !== undefined && this.#token.goodUntil > this.#clock.now()) return this.#token.value;
    this.#renewal ??= this.#renew(send).finally(() => {
      this.#renewal = undefined;
    });
    return (await this.#renewal).value;
  }

  /** Drops a token that the service did not accept, unless it has been replaced in the meantime. */
  reject(token: string): void {
    if (this.#token?.value === token) this.#token = undefined;
  }

  /** The header that carries the token, if one does. */
  header(token: string | undefined): Record<string, string> {
    if (token === undefined || this.#auth.kind === 'none' || this.#auth.header === undefined) return {};
    return { [this.#auth.header.name]: `${this.#auth.header.prefix}${token}` };
  }

  /** A secret's value, or that of one of its fields. Throws CredentialError. */
  async secret({ secret, field }: SecretReference): Promise<string> {
    const text = await this.#readSecret(secret).catch((cause) => {
      throw new CredentialError(`the secret ${secret} cannot be read`, { cause });
    });
    const value = field === undefined ? text : fieldOf(text, field, secret);
    this.#redactor.add(value);
    return value;
  }

  async #renew(send: SendForToken): Promise<Token> {
    this.#token = await this.#obtain(send);
    return this.#token;
  }

  async #obtain(send: SendForToken): Promise<Token> {
    if (this.#auth.kind === 'oauth2') return this.#requestToken(this.#auth, send);
    const value = this.#auth.kind === 'secret' ? await this.secret(this.#auth.token) : '';
    return { value, goodUntil: this.#clock.now() + secretSeconds * 1_000 };
  }

  async #requestToken(auth: ServiceAuth & { kind: 'oauth2' }, send: SendForToken): Promise<Token> {
    const answer = await send(await this.#tokenRequest(auth));
    if (!isSuccess(answer.status)) {
      throw new CredentialError(`the token service answered ${answer.status}: check client id, secret and scope`);
    }
    const { access_token: value, expires_in: seconds } = parseTokenAnswer(answer.text);
    this.#redactor.add(value);
    const margin = Math.min(tokenMarginSeconds, seconds / 2);
    return { value, goodUntil: this.#clock.now() + (seconds - margin) * 1_000 };
  }

  async #tokenRequest(auth: ServiceAuth & { kind: 'oauth2' }): Promise<HttpRequest> {
    const clientSecret = await this.secret(auth.clientSecret);
    const body = new URLSearchParams({ grant_type: auth.grantType });
    for (const [name, value] of Object.entries(auth.parameters)) {
      body.set(name, typeof value === 'string' ? value : await this.secret(value));
    }
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
    if (auth.clientAuthentication === 'basic') {
      headers.authorization = this.#basic(auth.clientId, clientSecret);
    } else {
      body.set('client_id', auth.clientId);
      body.set('client_secret', clientSecret);
    }
    return { method: 'POST', url: new URL(auth.tokenUrl), headers, body: body.toString() };
  }

  /** Name and secret are form-encoded before they are joined (RFC 6749 §2.3.1). */
  #basic(clientId: string, clientSecret: string): string {
    const pair = [clientId, clientSecret].map((part) => encodeURIComponent(part).replaceAll('%20', '+')).join(':');
    this.#redactor.add(pair);
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  }
}

function parseTokenAnswer(text: string): z.infer<typeof tokenAnswerSchema> {
  const parsed = tokenAnswerSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw new CredentialError('the token service answered without an access_token');
  return parsed.data;
}

function fieldOf(text: string, field: string, secret: string): string {
  const value = valueAt(jsonOf(text), field);
  if (typeof value !== 'string' || value === '') {
    throw new CredentialError(`the secret ${secret} has no text field ${field}`);
  }
  return value;
}

/** The parsed text; undefined when it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
