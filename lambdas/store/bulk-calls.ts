import { text } from 'node:stream/consumers';
import { BatchExecuteStatementCommand, type DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { retryMiddleware } from '@smithy/core/retry';
import { HttpRequest, type HttpResponse } from '@smithy/core/transport';
import type { FinalizeHandler, RequestSigner } from '@smithy/types';

/** The calls of DynamoDB that take many items at a time. */
export type BulkOperation = 'BatchExecuteStatement' | 'BatchGetItem';

export interface BulkCall {
  readonly operation: BulkOperation;
  /** The operation's input. Its values go out as they are: no binary ones. */
  readonly input: object;
  /** Ends the call at once. */
  readonly signal?: AbortSignal;
}

/** Sends one request, again and again where that may help. */
type Send = FinalizeHandler<object, Answer>;

interface Answer {
  readonly body: unknown;
  /** What the SDK's retries note with each output. */
  readonly $metadata: object;
}

/** Where requests go and who signs them: the same for all of a client, and found out once. */
interface Way {
  readonly url: URL;
  readonly signer: RequestSigner;
}

const ways = new WeakMap<DynamoDBClient, Promise<Way>>();

/**
 * Calls DynamoDB by the SDK's endpoint, credentials, signature, connections and retries, but past the middleware and the
 * schemas that each of its commands goes through: with 25 statements a call these cost four times as much CPU as all else,
 * and a sheet is little else but such calls (ADR 18).
 * @returns the operation's output
 * @throws DynamoDBServiceException what DynamoDB refused, or went on refusing
 */
export async function callInBulk<Output>(client: DynamoDBClient, call: BulkCall): Promise<Output> {
  const way = await wayOf(client);
  const body = Buffer.from(JSON.stringify(call.input));
  const send: Send = async () => ({ response: undefined, output: await exchange(client, way, { ...call, body }) });
  const { output } = await retryMiddleware(client.config)(send, {})({ input: call.input, request: undefined });
  return output.body as Output;
}

function wayOf(client: DynamoDBClient): Promise<Way> {
  const known = ways.get(client);
  if (known) return known;
  const found = findWay(client);
  ways.set(client, found);
  found.catch(() => ways.delete(client));
  return found;
}

async function findWay({ config }: DynamoDBClient): Promise<Way> {
  const { url } = await getEndpointFromInstructions({}, BatchExecuteStatementCommand, config);
  return { url, signer: await config.signer() };
}

async function exchange(
  { config }: DynamoDBClient,
  { url, signer }: Way,
  { operation, body, signal }: BulkCall & { readonly body: Buffer },
): Promise<Answer> {
  const request = new HttpRequest({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: url.pathname,
    headers: {
      host: url.host,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(body.length),
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    },
    body,
  });
  const signed = await signer.sign(request, { signingDate: new Date(Date.now() + config.systemClockOffset) });
  const { response } = await config.requestHandler.handle(signed as HttpRequest, signal ? { abortSignal: signal } : {});
  const answer = await text(response.body);
  if (response.statusCode === 200) return { body: JSON.parse(answer), $metadata: {} };
  throw exceptionOf(response, answer);
}

/** The error by its name, which says whether it is worth another try. What is no answer of DynamoDB's goes by its status. */
function exceptionOf(response: HttpResponse, answer: string): DynamoDBServiceException {
  const { __type = '', message, Message = `HTTP ${response.statusCode}` } = errorOf(answer);
  return Object.assign(
    new DynamoDBServiceException({
      name: __type.slice(__type.lastIndexOf('#') + 1) || 'UnknownError',
      message: message ?? Message,
      $fault: response.statusCode < 500 ? 'client' : 'server',
      $metadata: { httpStatusCode: response.statusCode },
    }),
    { $response: response },
  );
}

function errorOf(answer: string): { __type?: string; message?: string; Message?: string } {
  try {
    return JSON.parse(answer) as object;
  } catch {
    // A proxy's page, not DynamoDB's JSON: the status has to do.
    return {};
  }
}
