import { Agent, request } from 'node:http';

/**
 * The ceiling: conditional writes sent straight to the emulator, 25 PartiQL statements a call, by the barest client
 * there is (a kept-alive socket and prepared JSON; no SDK, no signature, no answer parsed beyond its status).
 */
export interface RawWrites {
  readonly endpoint: string;
  /** Writes of each kind; all together are timed. */
  readonly inserts: number;
  readonly updates: number;
  /** Bytes of an inserted row's payload. */
  readonly payloadBytes: number;
}

const statementsACall = 25;
const callsAtATime = 8;
const table = 'rollcall-raw-writes';

/** Writes a second over all writes. */
export async function rawWritesPerSecond(writes: RawWrites): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: callsAtATime });
  const call = (operation: string, body: string) => post(writes.endpoint, agent, operation, body);
  await call('CreateTable', JSON.stringify(tableDefinition));
  const started = performance.now();
  await inParallel(Math.ceil(writes.inserts / statementsACall), (index) =>
    call('BatchExecuteStatement', insertsOf(index, writes)),
  );
  await inParallel(Math.ceil(writes.updates / statementsACall), (index) =>
    call('BatchExecuteStatement', updatesOf(index, writes)),
  );
  const seconds = (performance.now() - started) / 1000;
  await call('DeleteTable', JSON.stringify({ TableName: table }));
  agent.destroy();
  return (writes.inserts + writes.updates) / seconds;
}

const tableDefinition = {
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
};

function insertsOf(call: number, { payloadBytes }: RawWrites): string {
  const payload = 'x'.repeat(payloadBytes);
  return statements(call, (row) => ({
    Statement: `INSERT INTO "${table}" VALUE {'pk':?,'sk':?,'status':'pending','rowData':?}`,
    Parameters: [{ S: partition(row) }, { S: `row-${row}` }, { S: payload }],
  }));
}

/** Settles rows as the pipeline does, over and over when there are more updates than rows. */
function updatesOf(call: number, { inserts }: RawWrites): string {
  return statements(call, (row) => ({
    Statement: `UPDATE "${table}" SET "status"='success' WHERE pk=? AND sk=? AND "status"='pending'`,
    Parameters: [{ S: partition(row % inserts) }, { S: `row-${row % inserts}` }],
  }));
}

function statements(call: number, make: (row: number) => object): string {
  return JSON.stringify({
    Statements: Array.from({ length: statementsACall }, (_, index) => make(call * statementsACall + index)),
  });
}

function partition(row: number): string {
  return `bench#raw#facility#${row % 16}`;
}

async function inParallel(calls: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < calls) await work(next++);
  };
  await Promise.all(Array.from({ length: callsAtATime }, worker));
}

function post(endpoint: string, agent: Agent, operation: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
        'x-amz-date': '20260101T000000Z',
        'content-length': Buffer.byteLength(body),
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const { statusCode } = response;
      response
        .on('error', reject)
        .on('end', () => (statusCode === 200 ? resolve() : reject(new Error(`${operation} answered ${statusCode}`))));
      response.resume();
    });
    sent.end(body);
  });
}
