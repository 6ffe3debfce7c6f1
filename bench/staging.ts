import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { Upload } from '@aws-sdk/lib-storage';
import type { LocalStack } from '../local/local-stack.ts';
import type { Bench, Figure } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack } from './support/stack.ts';

const sizes = (process.env.BENCH_STAGING_ROWS ?? '10000,100000,1000000').split(',').map(Number);
const mostMegabytes = 512;

/** Peak memory of the stage-sheet function as it is deployed, in a process of its own, for sheets ten times as long each. */
export const staging: Bench = {
  name: 'staging',
  title: 'Staging: peak memory and pace of stage-sheet, CSV and XLSX',
  async run() {
    const stack = await startBenchStack();
    try {
      const figures: Figure[] = [];
      for (const format of ['csv', 'xlsx'] as const) {
        for (const rows of sizes) figures.push(...(await stageOnce(stack.local, rows, format)));
      }
      return figures;
    } finally {
      await stack.stop();
    }
  },
};

async function stageOnce(local: LocalStack, rows: number, format: 'csv' | 'xlsx'): Promise<Figure[]> {
  const sheet = await facilitySheet(rows, format);
  const input = await putAction(local, sheet, format);
  const { megabytes, seconds } = await runFunction(local, input);
  await rm(sheet);
  const name = `${format} ${rows.toLocaleString('en')} rows`;
  return [
    { name: `${name}: peak memory`, value: megabytes, unit: 'MB', atMost: mostMegabytes },
    { name: `${name}: pace`, value: rows / seconds, unit: 'rows/s' },
  ];
}

/** An action whose sheet lies in the bucket, outside the ways that would start it. */
async function putAction(
  local: LocalStack,
  sheet: string,
  format: string,
): Promise<{ accountId: string; actionId: string; run: number }> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const region = 'us-east-1';
  const actionId = randomUUID();
  const key = `bench/${actionId}/sheet.${format}`;
  const s3 = new S3Client({ endpoint: local.endpoints.s3, region, credentials, forcePathStyle: true });
  await new Upload({
    client: s3,
    params: { Bucket: local.outputs.SheetBucketName, Key: key, Body: createReadStream(sheet) },
  }).done();
  const dynamodb = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: local.endpoints.dynamodb, region, credentials }),
  );
  const counts = Object.fromEntries(
    [
      'rows',
      'created',
      'updated',
      'deleted',
      'known',
      'duplicate',
      'invalid',
      'failed',
      'unprocessed',
      'cancelled',
      'pending',
    ].map((name) => [name, 0]),
  );
  const action = {
    pk: `ACTION#bench#${actionId}`,
    sk: 'META',
    accountId: 'bench',
    actionId,
    referenceId: 'bench',
    processName: 'facilityCreation',
    status: 'validating',
    source: { kind: 'upload', key, fileName: `sheet.${format}`, size: (await stat(sheet)).size },
    onInvalidRow: 'reject',
    run: 0,
    counts,
  };
  await dynamodb.send(new PutCommand({ TableName: local.outputs.ControlTableName, Item: action }));
  return { accountId: 'bench', actionId, run: 0 };
}

/** Runs the function's bundle in a fresh Node process and asks the operating system for its peak memory. */
async function runFunction(local: LocalStack, input: object): Promise<{ megabytes: number; seconds: number }> {
  const script = `
    const { handler } = await import(process.cwd() + '/dist/functions/stage-sheet/index.mjs');
    const before = performance.now();
    const result = await handler(${JSON.stringify(input)}, { awsRequestId: 'bench', functionName: 'stage-sheet', getRemainingTimeInMillis: () => 900000 });
    if (result.outcome !== 'staged') throw new Error('outcome ' + result.outcome);
    process.stdout.write('\\n' + JSON.stringify({ megabytes: process.resourceUsage().maxRSS / 1024, seconds: (performance.now() - before) / 1000 }));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_ENDPOINT_URL_S3: local.endpoints.s3,
      AWS_ENDPOINT_URL_DYNAMODB: local.endpoints.dynamodb,
      STAGE: 'bench',
      POWERTOOLS_SERVICE_NAME: 'rollcall',
      POWERTOOLS_METRICS_NAMESPACE: 'Rollcall',
      POWERTOOLS_TRACE_ENABLED: 'false',
      CONTROL_TABLE: local.outputs.ControlTableName,
      SHEET_BUCKET: local.outputs.SheetBucketName,
      MAX_UPLOAD_BYTES: String(1024 ** 3),
    },
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`stage-sheet ended with ${code}`);
  return JSON.parse(output.slice(output.lastIndexOf('\n') + 1)) as { megabytes: number; seconds: number };
}
