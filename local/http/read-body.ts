import type { IncomingMessage } from 'node:http';

/** A request whose body is larger than the limit. */
export class BodyTooLargeError extends Error {
  readonly code = 'RequestEntityTooLargeException';
  readonly status = 413;
  override name = 'BodyTooLargeError';
}

/** @throws BodyTooLargeError before more than the limit is held in memory */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw new BodyTooLargeError(`The body is larger than ${limitBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
