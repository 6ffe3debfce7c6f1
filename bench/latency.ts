import { type Bench, median } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack } from './support/stack.ts';

const rows = 100;
const runs = 10;

/** From the announcement of a small sheet to `completed`, warm. */
export const latency: Bench = {
  name: 'latency',
  title: `Latency: a ${rows}-row sheet from POST to completed, median of ${runs}`,
  async run() {
    const sheet = await facilitySheet(rows);
    const stack = await startBenchStack();
    try {
      const seconds: number[] = [];
      for (let run = 0; run <= runs; run++) {
        const before = performance.now();
        await stack.run(sheet, { processName: 'facilityCreation', referenceId: `bench-${run}` });
        // The first run starts the functions; it is not counted.
        if (run > 0) seconds.push((performance.now() - before) / 1000);
      }
      return [
        { name: 'median', value: median(seconds), unit: 's' },
        { name: 'slowest', value: Math.max(...seconds), unit: 's' },
      ];
    } finally {
      await stack.stop();
    }
  },
};
