import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { BoundaryRequest, BoundaryTarget } from '../lambdas/entities/boundary-target.ts';
import { OutsideTargets } from '../lambdas/entities/http/outside-services.ts';
import { restProfile } from '../lambdas/entities/http/rest-profile.ts';
import { SharedLimitState } from '../lambdas/entities/http/shared-limit-state.ts';
import { noCounts } from '../lambdas/model/action.ts';
import { adminAccountId } from '../lambdas/model/api-key.ts';
import type { MappingPair } from '../lambdas/model/mapping.ts';
import { concurrently, pieces } from '../lambdas/store/concurrently.ts';
import { ControlTable } from '../lambdas/store/control-table.ts';
import { MappingTable } from '../lambdas/store/mapping-table.ts';
import { ReferenceStore } from '../lambdas/store/reference-store.ts';
import { ServicePlaces } from '../lambdas/store/service-places.ts';
import { TrackingTable } from '../lambdas/store/tracking-table.ts';
import { BulkService } from './support/bulk-service.ts';
import { measureUnderCeiling, type TablesPlace } from './support/recorded-writes.ts';
import type { Bench, Figure } from './support/result.ts';
import { type BenchStack, startBenchStack } from './support/stack.ts';

const mappings = Number(process.env.BENCH_MAPPINGS ?? 100_000);
const warmUpMappings = 1_000;
/** Enough calls of the outside service for a steady flow. */
const outsideMappings = 30_000;
const callMs = 20;
const bulkRows = 100;
const concurrency = 2;
const referenceId = 'bench-mapping';

/** The mapping phase, from the request to the final check, and a boundary service outside. */
export const mapping: Bench = {
  name: 'mapping',
  title: `Boundary mapping: ${mappings.toLocaleString('en')} mappings against the raw write ceiling, and one service outside`,
  async run() {
    const stack = await startBenchStack();
    try {
      return [...(await embedded(stack)), ...(await outside(stack))];
    } finally {
      await stack.stop();
    }
  },
};

/** Each mapping is three writes: the boundary API's own, the id that it gave, and the status. */
async function embedded(stack: BenchStack): Promise<Figure[]> {
  const { result: seconds, ceiling } = await measureUnderCeiling(
    {
      run: (other) => mapAll(other, referenceId, mappings),
      before: { seed: (place) => seed(place, referenceId, mappings), prepare: warmUp },
    },
    async () => {
      await seed(placeOf(stack), referenceId, mappings);
      await warmUp(stack);
      const started = performance.now();
      await mapAll(stack, referenceId, mappings);
      return (performance.now() - started) / 1000;
    },
  );
  const { writes, perSecond } = ceiling.all;
  return [
    { name: 'embedded', value: mappings / seconds, unit: 'mappings/s' },
    { name: 'embedded writes', value: writes / seconds, unit: 'writes/s' },
    { name: 'raw ceiling: the same writes', value: perSecond, unit: 'writes/s' },
    { name: 'ratio', value: writes / seconds / perSecond, unit: 'of ceiling', atLeast: 0.7 },
  ];
}

/** A stack that is in use has its functions loaded. */
async function warmUp(stack: BenchStack): Promise<void> {
  await seed(placeOf(stack), 'before', warmUpMappings);
  await mapAll(stack, 'before', warmUpMappings);
}

async function mapAll(stack: BenchStack, referenceId: string, count: number): Promise<void> {
  await stack.api.post(`/api/references/${referenceId}/mapping`, undefined);
  const mapped = await mappingEnded(stack, referenceId);
  if (mapped !== count) throw new Error(`Only ${mapped} of ${count} were mapped`);
}

/** What the data phase leaves behind: rows that have become entities, and pairs that are to be mapped. */
async function seed(place: TablesPlace, referenceId: string, count: number): Promise<void> {
  const { client, control } = tablesOf(place);
  const tracking = new TrackingTable(client, tableName(place, 'TrackingTableName'));
  const mapping = new MappingTable(client, tableName(place, 'MappingTableName'));
  const references = new ReferenceStore(control);
  const scope = { accountId: adminAccountId, referenceId };
  const action = { ...scope, processName: 'facilityCreation', actionId: 'bench' };
  await references.claim(action);
  await references.release(action, { clean: true, counts: noCounts });
  await concurrently(pieces(pairsOf(count), 1_000), 4, async (pairs) => {
    const rows = { ...scope, type: action.processName };
    const named = pairs.map(({ uniqueIdentifier }, index) => ({ uniqueIdentifier, rowNumber: index + 2, data: {} }));
    await tracking.insertPending(rows, 'bench', named);
    await tracking.markSuccess(
      rows,
      'bench',
      named.map(({ uniqueIdentifier }) => uniqueIdentifier),
    );
    await mapping.insert({ ...scope, type: 'facility' }, action, pairs);
  });
}

/** The boundary client itself, within limits that all functions share, against the most that the service lets through. */
async function outside(stack: BenchStack): Promise<Figure[]> {
  await using service = await BulkService.start(callMs);
  const target = boundaryTarget(stack, service.url);
  const requests = pairsOf(outsideMappings).map(requestOf);
  const context = { accountId: adminAccountId, referenceId: 'bench-outside', processName: 'facilityCreation' };
  const before = performance.now();
  const outcomes = await concurrently(pieces(requests, bulkRows), 20, (batch) => target.attach(batch, context));
  const perSecond = (1_000 * outsideMappings) / (performance.now() - before);
  const failed = outcomes.flat().filter(({ kind }) => kind !== 'done').length;
  if (failed > 0) throw new Error(`${failed} of ${outsideMappings} were not attached`);
  const limit = (concurrency * bulkRows * 1_000) / callMs;
  const note = `${callMs} ms a call, ${bulkRows} rows a call, ${concurrency} calls at a time`;
  return [
    { name: 'outside', value: perSecond, unit: 'mappings/s', note },
    { name: 'outside limit', value: limit, unit: 'mappings/s' },
    { name: 'outside ratio', value: perSecond / limit, unit: 'of limit', atLeast: 0.8 },
  ];
}

function boundaryTarget(stack: BenchStack, baseUrl: string): BoundaryTarget {
  const limits = { concurrency, ratePerSecond: 100_000, burst: 100_000, maxWaitMs: 120_000 };
  const profile = { name: 'bench', baseUrl, allowPrivate: true, limits };
  const services = [restProfile({ ...profile, boundaries: { path: '/mappings', bulkRows } })];
  const targets = new OutsideTargets(
    { services, processes: { facilityCreation: { boundaries: 'bench' } } },
    {
      readSecret: () => Promise.reject(new Error('The service wants no secret')),
      limitState: new SharedLimitState(new ServicePlaces(tablesOf(placeOf(stack)).control)),
    },
  );
  const target = targets.boundaryTarget('facilityCreation');
  if (!target) throw new Error('The service is configured');
  return target;
}

function pairsOf(count: number): MappingPair[] {
  return Array.from({ length: count }, (_, index) => ({
    uniqueIdentifier: `Facility ${index}`,
    boundaryCode: `B-${index % 40}`,
  }));
}

function requestOf(pair: MappingPair, index: number): BoundaryRequest {
  return { ...pair, idempotencyKey: `key-${index}`, type: 'facility', entityId: `entity-${index}`, mappingId: null };
}

function placeOf({ local }: BenchStack): TablesPlace {
  return { endpoint: local.endpoints.dynamodb, outputs: local.outputs };
}

function tablesOf(place: TablesPlace) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: place.endpoint, region: 'us-east-1', credentials });
  const control = new ControlTable(DynamoDBDocumentClient.from(client), tableName(place, 'ControlTableName'));
  return { client, control };
}

function tableName({ outputs }: TablesPlace, output: string): string {
  return outputs[output] as string;
}

/** The number of mapped pairs once the run has ended. */
async function mappingEnded({ api }: BenchStack, referenceId: string): Promise<number> {
  for (;;) {
    const { mapping } = await api.get<{ mapping: { status: string; figures: { mapped: number }[] } }>(
      `/api/references/${referenceId}`,
      {},
    );
    if (mapping.status !== 'running') return mapping.figures[0]?.mapped ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
