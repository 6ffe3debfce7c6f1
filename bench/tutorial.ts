import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type LocalStack, startLocalStack } from '../local/local-stack.ts';
import type { Bench } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack, synthesize, warmUp } from './support/stack.ts';
import { benchCredentials } from './support/stage-sheet.ts';
import { type TimedRun, timedRun } from './support/timed-run.ts';

/** The same for both: a write costs more in a larger table. */
const rows = Number(process.env.BENCH_ROWS ?? 100_000);

/**
 * Against the pattern that tutorials show: for each row a put and a message, then a function that creates the entity,
 * updates the row and deletes the message. (Lambda itself would delete ten in one call; without a call for each message
 * the pattern is a quarter faster.) A stack of its own, on the same emulators and the same host of functions, in one run. Rollcall
 * stages and checks the sheet, and recounts and reports each row, within its time.
 *
 * The pattern knows no boundaries. So both get the same sheet of facilities that are out of use, which are wanted at no
 * boundary; what Rollcall does for a sheet with boundaries is measured beside it.
 */
export const tutorial: Bench = {
  name: 'tutorial',
  title: `${rows.toLocaleString('en')} rows against the tutorial pattern (per row: PutItem, SendMessage, PutItem, UpdateItem, DeleteMessage)`,
  async run() {
    const sheet = await facilitySheet(rows, { mapped: false });
    const rollcall = rows / (await rollcallRun(sheet)).seconds;
    const pattern = rows / (await tutorialSeconds(sheet));
    const { dataSeconds, seconds } = await rollcallRun(await facilitySheet(rows));
    return [
      { name: 'rollcall, until every row is created and reported', value: rollcall, unit: 'rows/s' },
      { name: 'tutorial, until every row is created', value: pattern, unit: 'rows/s' },
      { name: 'ratio', value: rollcall / pattern, unit: 'times', atLeast: 6 },
      {
        name: 'rollcall with boundaries, until they are entered and all rows settled',
        value: rows / dataSeconds,
        unit: 'rows/s',
      },
      { name: 'ratio with boundaries entered', value: rows / dataSeconds / pattern, unit: 'times' },
      { name: 'ratio with boundaries mapped, too', value: rows / seconds / pattern, unit: 'times' },
    ];
  },
};

async function rollcallRun(sheet: string): Promise<TimedRun> {
  const stack = await startBenchStack();
  try {
    await warmUp(stack);
    return await timedRun(stack, sheet);
  } finally {
    await stack.stop();
  }
}

/** Seconds from the upload of the sheet until nothing is left to do. */
async function tutorialSeconds(sheet: string): Promise<number> {
  const assemblyDirectory = await synthesize('bench/tutorial/app.ts');
  const stack = await startLocalStack({ assemblyDirectory, port: 0, logTo: 'none' });
  try {
    const started = performance.now();
    await upload(stack, sheet);
    await stack.waitUntilIdle();
    const seconds = (performance.now() - started) / 1000;
    const settled = await countSettled(stack);
    if (settled !== rows) throw new Error(`Only ${settled} of ${rows} rows were settled`);
    return seconds;
  } finally {
    await stack.stop();
    await rm(assemblyDirectory, { recursive: true });
  }
}

async function upload({ endpoints, outputs }: LocalStack, sheet: string): Promise<void> {
  const s3 = new S3Client({ ...benchCredentials, endpoint: endpoints.s3, forcePathStyle: true });
  await s3.send(
    new PutObjectCommand({
      Bucket: outputs.SheetBucketName,
      Key: 'sheet.csv',
      Body: createReadStream(sheet),
      ContentLength: (await stat(sheet)).size,
    }),
  );
}

async function countSettled({ endpoints, outputs }: LocalStack): Promise<number> {
  const client = new DynamoDBClient({ ...benchCredentials, endpoint: endpoints.dynamodb });
  let settled = 0;
  for await (const { Items = [] } of paginateScan({ client }, { TableName: outputs.RowsTableName })) {
    settled += Items.filter(({ status }) => status?.S === 'success').length;
  }
  return settled;
}
