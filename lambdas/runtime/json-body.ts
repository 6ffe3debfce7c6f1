import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invalidRequest } from '../model/invalid-request.ts';
import { jsonDepth } from '../model/json-depth.ts';
import { ProblemError } from '../model/problem.ts';
import { parseBody } from './exact-rows.ts';
import { loneSurrogate } from './lone-surrogate.ts';

/** Bytes of a JSON body at most. Lambda accepts 6 MB an event, in which the body stands escaped. */
export const bodyBytes = 5 * 1024 ** 2;
/** Arrays and objects in each other at most: no operation needs more, and validators have a stack to lose. */
const bodyDepth = 32;

/** The request's body. @throws ProblemError when it is no JSON, or none that is safe to read. */
export function jsonBody(event: APIGatewayProxyEventV2): unknown {
  const type = event.headers['content-type'];
  if (!isJson(type)) {
    const detail = `Send the body as application/json; received ${type?.slice(0, 100) ?? 'no content-type'}.`;
    throw new ProblemError('unsupported_media_type', detail);
  }
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > bodyBytes) {
    const detail = `The body has ${bytes.length} bytes; at most ${bodyBytes} are accepted. Upload larger data as a file.`;
    throw new ProblemError('payload_too_large', detail, { limitBytes: bodyBytes });
  }
  if (!isUtf8(bytes) || isMended(event, bytes)) throw wrongBody('text in UTF-8', 'bytes that are none');
  const text = bytes.toString('utf8');
  const depth = jsonDepth(text);
  if (depth > bodyDepth) throw wrongBody(`at most ${bodyDepth} arrays and objects in each other`, String(depth));
  const half = loneSurrogate(text);
  if (half !== undefined) throw wrongBody('text of whole Unicode characters', `${half}, which is half of one`);
  return parsed(text);
}

function parsed(text: string): unknown {
  try {
    return parseBody(text);
  } catch (error) {
    const received = text === '' ? 'nothing' : 'a text that is no JSON';
    const reason = error instanceof Error ? error.message : String(error);
    throw wrongBody('a JSON document', `${received} (${reason})`);
  }
}

/**
 * Whether bytes that are no UTF-8 were made U+FFFD on the way, where a body that is to be JSON becomes text. That takes
 * three bytes for one, most times, so the text is longer than what was sent; nothing else tells.
 */
function isMended({ headers, isBase64Encoded }: APIGatewayProxyEventV2, bytes: Buffer): boolean {
  const sent = headers['content-length'];
  return !isBase64Encoded && sent !== undefined && bytes.length > Number(sent) && bytes.includes('\ufffd');
}

function wrongBody(expected: string, received: string): ProblemError {
  return invalidRequest([{ in: 'body', path: '', expected, received }]);
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(contentType?.trim() ?? '');
}
