/** For fault tests: a proxy before every AWS request of every function, where a test decides what happens to it. */
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { FunctionWorker } from '../functions/function-worker.ts';
import { readBody } from '../http/read-body.ts';
import { operationOf } from './aws-operation.ts';

export interface AwsRequest {
  functionName: string;
  invocationId: string;
  /** As in the request's signature: `dynamodb`, `s3`, `sqs`, `states`, … */
  service: string;
  /** E.g. `PutItem`, `SendMessageBatch`, `GetObject`. */
  operation: string;
  /** Counts the requests of one invocation from 1. */
  ordinal: number;
  body: string;
}

/**
 * `kill-before`: the function's thread ends and the request never arrives. `kill-after`: the request is carried out, but the
 * thread ends before it sees the answer. `respond`: the function gets this answer in place of the service's.
 */
export type Interception =
  | 'pass'
  | 'kill-before'
  | 'kill-after'
  | { respond: { status: number; headers?: Record<string, string>; body: string } };

export type AwsInterceptor = (request: AwsRequest) => Interception | Promise<Interception>;

export interface AwsProxy {
  stop(): Promise<void>;
}

export interface AwsProxyOptions {
  port: number;
  interceptor: AwsInterceptor;
  /** Where a service really answers. */
  endpointOf(service: string): string;
  workerByAccessKey(accessKeyId: string): { worker: FunctionWorker; functionName: string } | undefined;
}

const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

export async function startAwsProxy({
  port,
  interceptor,
  endpointOf,
  workerByAccessKey,
}: AwsProxyOptions): Promise<AwsProxy> {
  const agent = new Agent({ keepAlive: true });
  const ordinals = new WeakMap<FunctionWorker, { invocationId: string; count: number }>();

  function nextOrdinal(worker: FunctionWorker, invocationId: string): number {
    const known = ordinals.get(worker);
    const count = known?.invocationId === invocationId ? known.count + 1 : 1;
    ordinals.set(worker, { invocationId, count });
    return count;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { accessKeyId, service } = credentialOf(request.headers.authorization);
    const body = await readBody(request, BODY_LIMIT_BYTES);
    const caller = workerByAccessKey(accessKeyId);
    const invocationId = caller?.worker.requestId;
    const forward = () => pass(request, body, endpointOf(service), agent);
    // A presigned URL carries no such header, and whoever uses it is no function.
    if (!caller || !invocationId) return relay(response, await forward());
    const interception = await interceptor({
      functionName: caller.functionName,
      invocationId,
      service,
      operation: operationOf(service, request, body),
      ordinal: nextOrdinal(caller.worker, invocationId),
      body: body.toString(),
    });
    if (interception === 'pass') return relay(response, await forward());
    if (interception === 'kill-after') await forward();
    if (typeof interception === 'string') {
      void caller.worker.kill();
      request.socket.destroy();
      return;
    }
    const { status, headers = {}, body: answer } = interception.respond;
    response.writeHead(status, headers).end(answer);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

/** `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …` */
function credentialOf(authorization = ''): { accessKeyId: string; service: string } {
  const [, accessKeyId = '', service = 's3'] = /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(authorization) ?? [];
  return { accessKeyId, service };
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function pass(request: IncomingMessage, body: Buffer, endpoint: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { 'transfer-encoding': _chunked, ...headers } = request.headers;
    const onward = send(new URL(request.url ?? '/', endpoint), {
      method: request.method,
      headers: { ...headers, 'content-length': body.length },
      agent,
    });
    onward.once('error', reject);
    onward.once('response', (answer) => {
      readBody(answer, BODY_LIMIT_BYTES).then(
        (content) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: content }),
        reject,
      );
    });
    onward.end(body);
  });
}

function relay(response: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _chunked, connection: _connection, ...rest } = headers;
  response.writeHead(status, rest).end(body);
}
