import { rm } from 'node:fs/promises';
import type { FunctionName } from '../lambdas/model/environments.ts';
import { stageSettingsSchema } from '../lambdas/model/settings.ts';
import { functionSizes } from '../lib/function-sizes.ts';
import type { AwsRequest } from '../local/faults/aws-interceptor.ts';
import { prices } from './support/prices.ts';
import type { Bench, Figure } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack } from './support/stack.ts';

const rows = Number(process.env.BENCH_ROWS ?? 100_000);
const mostDollars = 1.45;

/** What a run asked of AWS. */
interface Usage {
  /** Units of the mapping table and of the functions that map; told apart from the rows' own. */
  mappingUnits: number;
  mappingReadUnits: number;
  writeUnits: number;
  entityWriteUnits: number;
  readUnits: number;
  queueRequests: number;
  s3Puts: number;
  s3Gets: number;
  invocations: Map<string, { name: string; from: number; to: number }>;
  requests: number;
}

/** Counts every AWS request of every function in one run, and prices it. */
export const cost: Bench = {
  name: 'cost',
  title: `Cost: requests and dollars, counted over ${rows.toLocaleString('en')} rows`,
  async run() {
    const usage: Usage = {
      mappingUnits: 0,
      mappingReadUnits: 0,
      writeUnits: 0,
      entityWriteUnits: 0,
      readUnits: 0,
      queueRequests: 0,
      s3Puts: 0,
      s3Gets: 0,
      invocations: new Map(),
      requests: 0,
    };
    const sheet = await facilitySheet(rows);
    const stack = await startBenchStack({
      interceptor: (request) => {
        count(usage, request);
        return 'pass';
      },
    });
    try {
      const action = await stack.run(sheet, { processName: 'facilityCreation', referenceId: 'bench' });
      const transitions = await transitionsOf(stack.local.endpoints.control, action.execution as string);
      return figuresOf(usage, transitions);
    } finally {
      await stack.stop();
      await rm(sheet);
    }
  },
};

function count(usage: Usage, { service, operation, body, functionName, invocationId }: AwsRequest): void {
  usage.requests += 1;
  const now = performance.now();
  const seen = usage.invocations.get(invocationId);
  usage.invocations.set(invocationId, { name: functionName, from: seen?.from ?? now, to: now });
  if (service === 'dynamodb') countDynamo(usage, operation, body, functionName);
  else if (service === 's3') {
    if (operation.startsWith('Get') || operation.startsWith('Head')) usage.s3Gets += 1;
    else usage.s3Puts += 1;
  } else if (service === 'sqs') usage.queueRequests += Math.ceil(Buffer.byteLength(body) / 65_536);
}

function countDynamo(usage: Usage, operation: string, body: string, functionName: string): void {
  const request = JSON.parse(body) as Record<string, unknown>;
  if (operation === 'BatchExecuteStatement') {
    for (const statement of request.Statements as { Statement: string; Parameters: object[] }[]) {
      const units = Math.ceil(Buffer.byteLength(JSON.stringify(statement.Parameters)) / 1024);
      usage[kindOf(statement.Statement, functionName)] += units;
    }
  } else if (isRead(operation)) {
    usage[mappers.test(functionName) ? 'mappingReadUnits' : 'readUnits'] += readUnitsOf(operation, request);
  } else if (operation === 'PutItem') usage.writeUnits += 1;
  // An action stands in up to three indexes besides the table; in a transaction each write counts twice.
  else usage.writeUnits += operation === 'TransactWriteItems' ? 8 : 4;
}

/** The functions of the boundary mapping. */
const mappers = /map-batches|(collect|check|note|enter)-mappings?/;

function isRead(operation: string): boolean {
  return operation === 'BatchGetItem' || operation === 'Query' || operation === 'GetItem';
}

/** A page of a query counts as one unit: what is queried here is small. */
function readUnitsOf(operation: string, request: Record<string, unknown>): number {
  if (operation === 'Query') return 1;
  if (operation === 'GetItem') return request.ConsistentRead ? 1 : 0.5;
  const tables = request.RequestItems as Record<string, { Keys: unknown[]; ConsistentRead?: boolean }>;
  return Object.values(tables).reduce(
    (sum, { Keys, ConsistentRead }) => sum + Keys.length * (ConsistentRead ? 1 : 0.5),
    0,
  );
}

/** Whose write a statement is: the entity's own, the boundary mapping's, or the row's. */
function kindOf(statement: string, functionName: string): 'entityWriteUnits' | 'mappingUnits' | 'writeUnits' {
  if (/"[^"]*Mapping[^"]*"/i.test(statement) || mappers.test(functionName)) return 'mappingUnits';
  return /^INSERT INTO "[^"]*Registry/i.test(statement) ? 'entityWriteUnits' : 'writeUnits';
}

function figuresOf(usage: Usage, transitions: number): Figure[] {
  const invocations = [...usage.invocations.values()].filter(({ name }) => !mappers.test(name));
  const gigabyteSeconds = invocations.reduce(
    (sum, { name, from, to }) => sum + gigabytesOf(name) * ((to - from) / 1000),
    0,
  );
  // process-batch has five messages an invocation; each is also received and deleted, ten at a time.
  const messages = rows / 100;
  const dollars = {
    writes: usage.writeUnits * prices.writeUnit,
    reads: usage.readUnits * prices.readUnit,
    queue: (usage.queueRequests + messages * 0.4) * prices.queueRequest,
    s3: usage.s3Puts * prices.s3Put + usage.s3Gets * prices.s3Get,
    lambda: invocations.length * prices.lambdaRequest + gigabyteSeconds * prices.lambdaGbSecond,
    steps: transitions * prices.stateTransition,
  };
  const million = 1_000_000 / rows;
  const total = Object.values(dollars).reduce((sum, part) => sum + part, 0) * million;
  return [
    { name: 'AWS requests a row', value: usage.requests / rows, unit: 'requests' },
    {
      name: 'write units a row, entity excluded',
      value: usage.writeUnits / rows,
      unit: 'units',
    },
    { name: 'write units a row, entity', value: usage.entityWriteUnits / rows, unit: 'units' },
    { name: 'mapping write units a row', value: usage.mappingUnits / rows, unit: 'units', note: 'not in the sum' },
    { name: 'mapping read units a row', value: usage.mappingReadUnits / rows, unit: 'units', note: 'not in the sum' },
    { name: 'read units a row', value: usage.readUnits / rows, unit: 'units' },
    ...Object.entries(dollars).map(([name, part]) => ({
      name: `${name}, a million rows`,
      value: part * million,
      unit: 'dollars',
    })),
    {
      name: 'all, a million rows',
      value: total,
      unit: 'dollars',
      atMost: mostDollars,
      note: 'besides the entity write and the mapping',
    },
  ];
}

const sizes = functionSizes(stageSettingsSchema.parse({}));

/** Memory of a function, which is what its time is priced by. */
function gigabytesOf(functionName: string): number {
  const name = functionName.replace(/^rollcall-local-/, '') as FunctionName;
  return (sizes[name]?.memory ?? 1_024) / 1_024;
}

/** State transitions of an execution: the states it entered. */
async function transitionsOf(controlEndpoint: string, executionArn: string): Promise<number> {
  const { SFNClient, paginateGetExecutionHistory } = await import('@aws-sdk/client-sfn');
  const client = new SFNClient({
    endpoint: controlEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  let entered = 0;
  for await (const page of paginateGetExecutionHistory({ client }, { executionArn })) {
    entered += (page.events ?? []).filter(({ type }) => type?.endsWith('StateEntered')).length;
  }
  return entered;
}
