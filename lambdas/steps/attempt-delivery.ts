import type { Clock } from '../entities/http/clock.ts';
import type { ConnectionGuard } from '../entities/http/connection-guard.ts';
import { ExchangeError, Exchanger, type HttpAnswer, type HttpRequest } from '../entities/http/exchange.ts';
import { retryAfterSeconds } from '../entities/http/retry-after.ts';
import {
  type AttemptError,
  type Delivery,
  type DeliveryAttempt,
  excerptCharacters,
  type Webhook,
} from '../model/webhook.ts';
import { signatureOf } from '../model/webhook-signature.ts';

export interface AttemptContext {
  readonly guard: ConnectionGuard;
  /** For name, connection, answer and its end together. */
  readonly timeoutSeconds: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Fires when the function has to end. */
  readonly signal: AbortSignal;
}

export interface AttemptOutcome {
  readonly attempt: DeliveryAttempt;
  /** Seconds for which the webhook asked to be left alone. */
  readonly retryAfterSeconds?: number | undefined;
}

/** A character has up to four bytes. */
const excerptBytes = 4 * excerptCharacters;

/** Sends a delivery once, signed at this moment. A redirect is an answer like any other and leads nowhere. */
export async function attemptDelivery(
  webhook: Webhook,
  delivery: Delivery,
  { guard, timeoutSeconds, clock, signal }: AttemptContext,
): Promise<AttemptOutcome> {
  const started = clock.now();
  const milliseconds = timeoutSeconds * 1_000;
  const timeouts = { connectMs: milliseconds, headersMs: milliseconds, bodyMs: milliseconds, totalMs: milliseconds };
  // Connections are not kept: between two runs of a function they would go stale, and no two accounts share one.
  using exchanger = new Exchanger(guard, { timeouts, maxAnswerBytes: excerptBytes, cutAnswer: true });
  const timed = (result: Partial<DeliveryAttempt>): DeliveryAttempt => ({
    at: new Date(started).toISOString(),
    durationMs: clock.now() - started,
    ...result,
  });
  try {
    const answer = await exchanger.send(requestOf(webhook, delivery, started), signal);
    return { attempt: timed(answered(answer)), retryAfterSeconds: waitAskedFor(answer, clock.now()) };
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    return { attempt: timed(unanswered(error)) };
  }
}

function requestOf({ url, secret }: Webhook, { body, eventId, deliveryId }: Delivery, now: number): HttpRequest {
  return {
    method: 'POST',
    url: new URL(url),
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Rollcall-Webhook',
      'rollcall-event-id': eventId,
      'rollcall-delivery-id': deliveryId,
      'rollcall-signature': signatureOf(secret, body, Math.floor(now / 1_000)),
    },
    body,
  };
}

function answered({ status, text }: HttpAnswer): Partial<DeliveryAttempt> {
  return { responseStatus: status, ...(text !== '' && { excerpt: text.slice(0, excerptCharacters) }) };
}

const errorOf: Readonly<Record<ExchangeError['reason'], AttemptError>> = {
  timeout: 'timeout',
  connection: 'connection',
  too_large: 'connection',
  forbidden: 'forbidden_address',
};
const forbidden = 'nothing was sent: the address is not https, or leads to where no webhook may be';

function unanswered({ reason, message }: ExchangeError): Partial<DeliveryAttempt> {
  return { error: errorOf[reason], detail: reason === 'forbidden' ? forbidden : message };
}

function waitAskedFor({ headers }: HttpAnswer, now: number): number | undefined {
  return retryAfterSeconds(headers['retry-after'], now);
}
