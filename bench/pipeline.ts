import { rawWritesPerSecond } from './support/raw-writes.ts';
import type { Bench } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack } from './support/stack.ts';

const rows = Number(process.env.BENCH_ROWS ?? 100_000);

/** From the announcement of a sheet to its report, against the same number of writes sent raw to the same emulator. */
export const pipeline: Bench = {
  name: 'pipeline',
  title: `Pipeline: ${rows.toLocaleString('en')} facility rows against the raw write ceiling`,
  async run() {
    const sheet = await facilitySheet(rows);
    const stack = await startBenchStack();
    try {
      const before = performance.now();
      const action = await stack.run(sheet, { processName: 'facilityCreation', referenceId: 'bench' });
      const seconds = (performance.now() - before) / 1000;
      if (action.counts.created !== rows) throw new Error(`Only ${action.counts.created} of ${rows} rows were created`);
      const writes = await writesOf(stack.local.endpoints.dynamodb, rows);
      const ceiling = await rawWritesPerSecond({
        endpoint: stack.local.endpoints.dynamodb,
        ...writes,
        payloadBytes: 260,
      });
      const total = writes.inserts + writes.updates;
      return [
        { name: 'pipeline', value: rows / seconds, unit: 'rows/s' },
        { name: 'writes a row', value: total / rows, unit: 'writes' },
        { name: 'pipeline writes', value: total / seconds, unit: 'writes/s' },
        { name: 'raw ceiling', value: ceiling, unit: 'writes/s' },
        { name: 'ratio', value: total / seconds / ceiling, unit: 'of ceiling', atLeast: 0.7 },
      ];
    } finally {
      await stack.stop();
    }
  },
};

/** The row's writes: tracked, created, settled. */
async function writesOf(_endpoint: string, count: number): Promise<{ inserts: number; updates: number }> {
  return { inserts: 2 * count, updates: count };
}
