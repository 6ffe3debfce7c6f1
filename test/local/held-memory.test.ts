import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DynamoDbEmulator, startDynoxide } from '../../local/emulators/dynoxide.ts';
import { choosePorts } from '../../local/state/ports.ts';

const onLinux = process.platform === 'linux';

describe.skipIf(!onLinux)('GIVEN the local DynamoDB as the package for Linux has it', () => {
  it('WHEN it writes THEN it asks the system for memory far less often than without what is held for it', async () => {
    const packaged = join(
      dirname(createRequire(import.meta.url).resolve(`@dynoxide/linux-${process.arch}/package.json`)),
      'dynoxide',
    );
    expect(await faultsAWrite({})).toBeLessThan((await faultsAWrite({ program: packaged })) / 2);
  });

  it('WHEN it is stopped THEN the requests that hold its memory do not keep it', async () => {
    const emulator = await start({});
    const program = newestProgram();
    await emulator.stop();
    expect(() => process.kill(program, 0)).toThrow('ESRCH');
  });
});

async function start(options: { program?: string }): Promise<DynamoDbEmulator> {
  const { dynamodb: port } = await choosePorts(0);
  return startDynoxide({ ...options, port, onExit: (reason) => expect.fail(reason) });
}

/** Pages that the system had to hand out, for each of a thousand writes. */
async function faultsAWrite(options: { program?: string }): Promise<number> {
  const emulator = await start(options);
  const program = newestProgram();
  try {
    await call(emulator.url, 'CreateTable', {
      TableName: 'rows',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
    const before = faultsOf(program);
    for (let first = 0; first < 1_000; first += 25) await call(emulator.url, 'BatchExecuteStatement', inserts(first));
    return (faultsOf(program) - before) / 1_000;
  } finally {
    await emulator.stop();
  }
}

function inserts(first: number) {
  const rows = Array.from({ length: 25 }, (_, index) => first + index);
  return {
    Statements: rows.map((row) => ({
      Statement: `INSERT INTO "rows" VALUE {'id':?,'name':?,'status':?,'actionId':?}`,
      Parameters: [{ S: `row-${row}` }, { S: 'Posto de Saúde' }, { S: 'pending' }, { S: 'an-action' }],
    })),
  };
}

async function call(url: string, operation: string, input: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

/** Of those that this program has started, which are in process groups of their own but still its children. */
function newestProgram(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  const named = children.filter((id) => readFileSync(`/proc/${id}/comm`, 'utf8').trim() === 'dynoxide');
  return named.at(-1) as number;
}

/** Minor page faults so far, from the fields behind the program's name in `/proc`. */
function faultsOf(program: number): number {
  const fields = readFileSync(`/proc/${program}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[7]);
}
