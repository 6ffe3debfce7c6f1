import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { BulkActionView } from '../cli/api-types.ts';
import { type LocalStack, startLocalStack } from '../local/local-stack.ts';
import type { Bench } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack, synthesize } from './support/stack.ts';
import { benchCredentials } from './support/stage-sheet.ts';

/** The same for both: a write costs more in a larger table. */
const rows = Number(process.env.BENCH_ROWS ?? 50_000);

/**
 * Against the pattern that tutorials show: for each row a put and a message, then a function that creates the entity
 * and updates the row. A stack of its own, with rows of the same kind, on the same emulators and the same host of
 * functions, in one run. It knows no boundaries and no report, so both are timed until every row is created and settled.
 */
export const tutorial: Bench = {
  name: 'tutorial',
  title: `${rows.toLocaleString('en')} rows against the tutorial pattern (per row: PutItem, SendMessage, PutItem, UpdateItem)`,
  async run() {
    const { settled, all } = await rollcallSeconds();
    const rollcall = rows / settled;
    const pattern = rows / (await tutorialSeconds());
    return [
      { name: 'rollcall, until every row is created and settled', value: rollcall, unit: 'rows/s' },
      { name: 'rollcall, mapping and report included', value: rows / all, unit: 'rows/s' },
      { name: 'tutorial', value: pattern, unit: 'rows/s' },
      { name: 'ratio', value: rollcall / pattern, unit: 'times', atLeast: 6 },
      { name: 'ratio, our mapping and report included', value: rows / all / pattern, unit: 'times' },
    ];
  },
};

/** Seconds from the announcement of the sheet until its rows are settled, and until everything is done. */
async function rollcallSeconds(): Promise<{ settled: number; all: number }> {
  const sheet = await facilitySheet(rows);
  const stack = await startBenchStack();
  try {
    const started = performance.now();
    const elapsed = () => (performance.now() - started) / 1000;
    let settled: number | undefined;
    const look = ({ status }: BulkActionView) => {
      if (status === 'mapping') settled ??= elapsed();
    };
    await stack.run(sheet, { processName: 'facilityCreation', referenceId: 'bench' }, { look });
    const all = elapsed();
    return { settled: settled ?? all, all };
  } finally {
    await stack.stop();
  }
}

/** Seconds from the upload of the sheet until nothing is left to do. */
async function tutorialSeconds(): Promise<number> {
  const sheet = await facilitySheet(rows);
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
