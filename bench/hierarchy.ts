import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { accountEntityIdOf } from '../lambdas/model/identity.ts';
import type { RowData } from '../lambdas/model/row.ts';
import { facilityCreation } from '../lambdas/processes/facility-creation.ts';
import { createSheetWriter } from '../lambdas/sheets/create-sheet-writer.ts';
import { ReferenceCheck } from '../lambdas/steps/check-references.ts';
import { pieces } from '../lambdas/store/concurrently.ts';
import { EntityIndex } from '../lambdas/store/entity-index.ts';
import { RegistryTable } from '../lambdas/store/registry-table.ts';
import type { LocalStack } from '../local/local-stack.ts';
import { facilityHeaders, facilityRows } from './sheets/generate.ts';
import { type Bench, type Figure, median } from './support/result.ts';
import { startBenchStack } from './support/stack.ts';
import { benchCredentials, stageSheet } from './support/stage-sheet.ts';

const nodes = Number(process.env.BENCH_HIERARCHY_NODES ?? 200_000);
const facilities = Number(process.env.BENCH_HIERARCHY_FACILITIES ?? 100_000);
/** Children of a boundary: 200,000 of them stand on five levels. */
const fanOut = 30;
const mostMegabytes = 512;
const mostMicroseconds = 3;
const accountId = 'bench';
const boundaryColumn = facilityHeaders.indexOf('boundaryCode');
const rowsABatch = 500;

/** What checking a whole hierarchy costs stage-sheet, and what checking the boundaries of other rows against one does. */
export const hierarchy: Bench = {
  name: 'hierarchy',
  title: 'Hierarchies: peak memory and pace of stage-sheet, and the check of the boundaries that rows name',
  async run() {
    const stack = await startBenchStack();
    try {
      return [
        ...(await stageBoundaries(stack.local, 'in any order', treeParent, 'staged')),
        ...(await stageBoundaries(stack.local, 'all in one circle', (index) => (index + 1) % nodes, 'rejected')),
        ...(await checkFacilities(stack.local)),
      ];
    } finally {
      await stack.stop();
    }
  },
};

function treeParent(index: number): number | undefined {
  return index === 0 ? undefined : Math.floor((index - 1) / fanOut);
}

async function stageBoundaries(
  local: LocalStack,
  name: string,
  parentOf: (index: number) => number | undefined,
  expected: string,
): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-hierarchy-'));
  const sheet = join(directory, 'boundaries.csv');
  const headers = ['code', 'name', 'boundaryType', 'parentCode'];
  const writer = createSheetWriter({ format: 'csv', headers, output: createWriteStream(sheet) });
  for (let row = 0; row < nodes; row++) {
    // A step that shares no factor with the number of rows comes by each of them once, in no order of theirs.
    const index = (row * 7_919 + 1) % nodes;
    const parent = parentOf(index);
    await writer.write([code(index), `Place ${index}`, 'Area', parent === undefined ? '' : code(parent)]);
  }
  await writer.end();
  const { outcome, megabytes, seconds } = await stageSheet(local, sheet, { processName: 'boundaryCreation' });
  await rm(directory, { recursive: true });
  if (outcome !== expected) throw new Error(`stage-sheet answered ${outcome}`);
  const title = `${nodes.toLocaleString('en')} boundaries ${name}`;
  return [
    { name: `${title}: peak memory`, value: megabytes, unit: 'MB', atMost: mostMegabytes },
    { name: `${title}: pace`, value: nodes / seconds, unit: 'rows/s' },
  ];
}

/** What it costs to check the boundaries of facilities, in batches as staging reads them, against a large hierarchy. */
async function checkFacilities(local: LocalStack): Promise<Figure[]> {
  await register(local);
  const index = new EntityIndex(registryClient(local), local.outputs.RegistryTableName as string);
  const rows = Array.from(facilityRows(facilities), (cells) => ({ boundaryCode: cells[boundaryColumn]?.split(',') }));
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) rounds.push(await checkOnce(index, rows));
  return [
    {
      name: `checking boundaries against ${nodes.toLocaleString('en')}`,
      value: median(rounds),
      unit: 'µs/row',
      atMost: mostMicroseconds,
      note: `processor time with all reads, ${facilities.toLocaleString('en')} facilities, median of ${rounds.length}`,
    },
  ];
}

async function checkOnce(index: EntityIndex, rows: readonly RowData[]): Promise<number> {
  const before = process.cpuUsage();
  const check = await ReferenceCheck.open(index, accountId, facilityCreation);
  let unknown = 0;
  for (const batch of pieces(rows, rowsABatch)) {
    await check?.learn(batch);
    for (const row of batch) unknown += check?.errorsOf(row).length ?? 1;
  }
  if (unknown > 0) throw new Error(`${unknown} boundaries are unknown`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rows.length;
}

/** Puts the hierarchy into the registry: the facilities' own boundaries, and others up to the number of nodes. */
async function register(local: LocalStack): Promise<void> {
  const registry = new RegistryTable(registryClient(local), local.outputs.RegistryTableName as string);
  const origin = {
    accountId,
    entity: 'boundary',
    entityScope: 'account',
    referenceId: 'bench',
    processName: 'boundaryCreation',
    actionId: 'bench',
  } as const;
  for (let first = 0; first < nodes; first += 1_000) {
    const entities = Array.from({ length: Math.min(1_000, nodes - first) }, (_, offset) => {
      const uniqueIdentifier = code(first + offset);
      const entityId = accountEntityIdOf(accountId, origin.entity, uniqueIdentifier);
      return { entityId, uniqueIdentifier, data: { code: uniqueIdentifier }, place: { parent: '', level: 0 } };
    });
    await registry.create(origin, entities);
  }
}

function registryClient({ endpoints }: LocalStack): DynamoDBClient {
  return new DynamoDBClient({ ...benchCredentials, endpoint: endpoints.dynamodb });
}

/** The first forty are those that the facilities of the benchmarks name. */
function code(index: number): string {
  return `MZ-${String(index + 1).padStart(3, '0')}`;
}
