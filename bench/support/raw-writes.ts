import { concurrently } from '../../lambdas/store/concurrently.ts';
import { callsAtATime, RawClient } from './raw-client.ts';

/**
 * Conditional writes of bare items, sent straight to the emulator, 25 PartiQL statements a call.
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
const table = 'rollcall-raw-writes';

/** Writes a second over all writes. */
export async function rawWritesPerSecond(writes: RawWrites): Promise<number> {
  using client = new RawClient(writes.endpoint);
  await client.call('CreateTable', JSON.stringify(tableDefinition));
  const started = performance.now();
  await callAll(client, writes.inserts, (index) => insertsOf(index, writes));
  await callAll(client, writes.updates, (index) => updatesOf(index, writes));
  const seconds = (performance.now() - started) / 1000;
  await client.call('DeleteTable', JSON.stringify({ TableName: table }));
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

/** Makes each body when its turn comes: all at once would not fit into memory. */
async function callAll(client: RawClient, writes: number, bodyOf: (call: number) => string): Promise<void> {
  const calls = Array.from({ length: Math.ceil(writes / statementsACall) }, (_, index) => index);
  await concurrently(calls, callsAtATime, (index) => client.call('BatchExecuteStatement', bodyOf(index)));
}
