import { afterEach, expect, test, vi } from 'vitest';
import { noCounts } from '../../lambdas/model/action.ts';
import { ProcessMetrics } from '../../lambdas/runtime/process-metrics.ts';

afterEach(() => vi.restoreAllMocks());

interface Emf {
  _aws: {
    CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
  };
  [member: string]: unknown;
}

/** What `work` writes as EMF lines. */
async function linesOf(metrics: ProcessMetrics, work: () => void): Promise<Emf[]> {
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Rollcall');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'rollcall-test');
  const lines: Emf[] = [];
  const warned = vi.spyOn(console, 'warn');
  vi.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(JSON.parse(line));
  });
  await metrics.around(async () => work()).catch(() => undefined);
  vi.unstubAllEnvs();
  expect(warned).not.toHaveBeenCalled();
  return lines;
}

const owner = { accountId: 'acme', processName: 'facilityCreation' };

test('GIVEN batches of two processes WHEN they came through THEN each process has its figures, by account too', async () => {
  const lines = await linesOf(new ProcessMetrics('process-batch', true), () => undefined);
  expect(lines).toEqual([]);
  const metrics = new ProcessMetrics('process-batch', true);
  const written = await linesOf(metrics, () => {
    metrics.addBatch(owner, { kind: 'done', measured: { rows: 100, failed: 1, workMs: 20, waitMs: 5 } }, 1);
    metrics.addBatch(owner, { kind: 'done', measured: { rows: 50, failed: 0, workMs: 10 } }, 3);
    metrics.addBatch({ ...owner, processName: 'userCreation' }, { kind: 'again' }, 1);
    metrics.addBatch(
      { ...owner, processName: 'userCreation' },
      { kind: 'done', measured: { rows: 1, failed: 0, workMs: 1 } },
      1,
    );
  });
  expect(written).toHaveLength(2);
  expect(written[0]).toMatchObject({
    service: 'rollcall-test',
    account: 'acme',
    process: 'facilityCreation',
    BatchRows: [100, 50],
    BatchMilliseconds: [20, 10],
    BatchQueueMilliseconds: 5,
    BatchRetries: 2,
  });
  expect(written[0]?._aws.CloudWatchMetrics[0]).toMatchObject({
    Namespace: 'Rollcall',
    Dimensions: [
      ['service', 'process'],
      ['service', 'process', 'account'],
    ],
  });
  expect(written[1]).toMatchObject({ process: 'userCreation', BatchRows: 1 });
});

test('GIVEN a stage that does not tell accounts apart WHEN an action has ended THEN its account is in no line', async () => {
  const metrics = new ProcessMetrics('count-action', false);
  const counts = { ...noCounts, rows: 10, created: 9, failed: 1 };
  const [line, ...others] = await linesOf(metrics, () => {
    metrics.addEnd({ ...owner, status: 'failed', counts, seconds: 2 });
  });
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    ActionsEnded: 1,
    ActionsFailed: 1,
    RowsCreated: 9,
    RowsFailed: 1,
    ActionSeconds: 2,
    RowsPerSecond: 5,
  });
  expect(line).not.toHaveProperty('RowsKnown');
  expect(JSON.stringify(line)).not.toContain('acme');
});

test('GIVEN work that fails WHEN it had counted something THEN that is written all the same', async () => {
  const metrics = new ProcessMetrics('drain-dead-letters', false);
  const lines = await linesOf(metrics, () => {
    metrics.addDeadLetter(owner);
    throw new Error('Broken.');
  });
  expect(lines).toMatchObject([{ DeadLetters: 1 }]);
});
