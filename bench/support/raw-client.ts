import { Agent, request } from 'node:http';

/** Calls on the way at a time. */
export const callsAtATime = 8;

/** The barest client of DynamoDB there is: kept-alive sockets and bodies as they are; no SDK, no signature. */
export class RawClient implements Disposable {
  readonly #endpoint: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: callsAtATime });

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** Rejects when a call, or a statement of a batch for another reason than its condition, was refused. */
  call(operation: string, body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent = request(this.#endpoint, { method: 'POST', agent: this.#agent, headers: headersOf(operation, body) });
      sent.on('error', reject);
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          // A write that was refused so would make the ceiling a wrong one.
          const fault = /"Code":"(?!DuplicateItem|ConditionalCheckFailed)(\w+)"/.exec(text);
          if (response.statusCode === 200 && !fault) resolve();
          else reject(new Error(`${operation} was answered ${response.statusCode} ${fault?.[1] ?? ''}`));
        });
      });
      sent.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function headersOf(operation: string, body: string) {
  return {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${operation}`,
    authorization:
      'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    'x-amz-date': '20260101T000000Z',
    'content-length': Buffer.byteLength(body),
  };
}
