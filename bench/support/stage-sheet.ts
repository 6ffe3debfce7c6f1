import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Upload } from '@aws-sdk/lib-storage';
import { noCounts } from '../../lambdas/model/action.ts';
import { stageSettingsSchema } from '../../lambdas/model/settings.ts';
import type { StageResult } from '../../lambdas/model/steps.ts';
import { ActionStore } from '../../lambdas/store/action-store.ts';
import { ControlTable } from '../../lambdas/store/control-table.ts';
import { functionSizes } from '../../lib/function-sizes.ts';
import type { LocalStack } from '../../local/local-stack.ts';

export const benchCredentials = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
};

/** What staging a sheet came to and cost. */
export interface StageCost {
  readonly outcome: StageResult['outcome'];
  /** Peak memory of the process, as Linux says. */
  readonly megabytes: number;
  readonly seconds: number;
  /** Processor time of the function, without the start of its process. */
  readonly cpuSeconds: number;
}

export interface StageOptions {
  readonly processName: string;
  readonly accountId?: string;
}

/** Runs the stage-sheet function as it is deployed, in a process of its own, over a sheet outside the ways that would start it. */
export async function stageSheet(
  local: LocalStack,
  sheet: string,
  { processName, accountId = 'bench' }: StageOptions,
): Promise<StageCost> {
  return runFunction(local, await putAction(local, sheet, processName, accountId));
}

async function putAction(
  local: LocalStack,
  sheet: string,
  processName: string,
  accountId: string,
): Promise<{ accountId: string; actionId: string; run: number }> {
  const actionId = randomUUID();
  const fileName = `sheet${extname(sheet)}`;
  const key = `bench/${actionId}/${fileName}`;
  await new Upload({
    client: new S3Client({ ...benchCredentials, endpoint: local.endpoints.s3, forcePathStyle: true }),
    params: { Bucket: local.outputs.SheetBucketName, Key: key, Body: createReadStream(sheet) },
  }).done();
  const now = new Date().toISOString();
  await controlOf(local).create({
    accountId,
    actionId,
    referenceId: 'bench',
    processName,
    action: 'insert',
    status: 'validating',
    source: { kind: 'upload', key, fileName, size: (await stat(sheet)).size },
    onInvalidRow: 'reject',
    run: 0,
    counts: noCounts,
    revived: { rows: 0, created: 0, failed: 0 },
    batches: { total: 0, done: 0 },
    createdAt: now,
    updatedAt: now,
    deadlineAt: now,
    warnings: [],
  });
  return { accountId, actionId, run: 0 };
}

function controlOf({ endpoints, outputs }: LocalStack): ActionStore {
  const client = new DynamoDBClient({ ...benchCredentials, endpoint: endpoints.dynamodb });
  return new ActionStore(new ControlTable(DynamoDBDocumentClient.from(client), outputs.ControlTableName as string));
}

const sizes = functionSizes(stageSettingsSchema.parse({}));

/** Not `maxRSS`: a process begins with that of the one which started it, here the whole stack's. */
const peakMegabytes = `/VmHWM:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1] / 1024`;

async function runFunction(local: LocalStack, input: object): Promise<StageCost> {
  const script = `
    const { readFileSync } = await import('node:fs');
    const { handler } = await import(process.cwd() + '/dist/functions/stage-sheet/index.mjs');
    const [before, cpuBefore] = [performance.now(), process.cpuUsage()];
    const { outcome } = await handler(${JSON.stringify(input)}, { awsRequestId: 'bench', functionName: 'stage-sheet', getRemainingTimeInMillis: () => 900000 });
    const { user, system } = process.cpuUsage(cpuBefore);
    process.stdout.write('\\n' + JSON.stringify({ outcome, megabytes: ${peakMegabytes}, seconds: (performance.now() - before) / 1000, cpuSeconds: (user + system) / 1e6 }));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: sizes['stage-sheet'].nodeOptions,
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
      REGISTRY_TABLE: local.outputs.RegistryTableName,
      SHEET_BUCKET: local.outputs.SheetBucketName,
      MAX_UPLOAD_BYTES: String(1024 ** 3),
      // Nobody waits for a quota here.
      REQUESTS_PER_MINUTE: '1000000000',
      RECORDS_PER_MINUTE: '1000000000',
      BURST_RECORDS: '1000000000',
    },
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`stage-sheet ended with ${code}`);
  return JSON.parse(output.slice(output.lastIndexOf('\n') + 1)) as StageCost;
}
