import { createHmac } from 'node:crypto';

/**
 * The signature of a delivery, `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` under the webhook's secret.
 * The time is signed along, so that an old delivery that somebody recorded can be told from a new one.
 */
export function signatureOf(secret: string, body: string, seconds: number): string {
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}
