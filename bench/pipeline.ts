import { rawWritesPerSecond } from './support/raw-writes.ts';
import { measureUnderCeiling, type Pace } from './support/recorded-writes.ts';
import type { Bench } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack, warmUp } from './support/stack.ts';
import { timedRun } from './support/timed-run.ts';

const rows = Number(process.env.BENCH_ROWS ?? 100_000);

/**
 * From the announcement of a sheet to its report and mapped boundaries, against the same number of writes sent raw to
 * the same emulator.
 */
export const pipeline: Bench = {
  name: 'pipeline',
  title: `Pipeline: ${rows.toLocaleString('en')} facility rows against the raw write ceiling`,
  async run() {
    const sheet = await facilitySheet(rows);
    const { result, ceiling } = await measureUnderCeiling(
      { run: async (stack, nextPart) => void (await timedRun(stack, sheet, nextPart)), before: { prepare: warmUp } },
      () => runAll(sheet),
    );
    const { dataSeconds, seconds, bareCeiling } = result;
    // The rows' own writes carry their data, and cost more than those of the mapping.
    const ofRows = ceiling.parts[0] as Pace;
    const dataWrites = ofRows.writes / dataSeconds;
    const writes = ceiling.all.writes / seconds;
    return [
      { name: 'rows, until every row is created and settled', value: rows / dataSeconds, unit: 'rows/s' },
      { name: 'rows, until all is mapped and reported', value: rows / seconds, unit: 'rows/s' },
      { name: 'writes a row, mapping included', value: ceiling.all.writes / rows, unit: 'writes' },
      { name: 'raw ceiling: the same writes, of the rows alone', value: ofRows.perSecond, unit: 'writes/s' },
      { name: 'raw ceiling: the same writes, all included', value: ceiling.all.perSecond, unit: 'writes/s' },
      { name: 'raw ceiling: as many writes of bare items', value: bareCeiling, unit: 'writes/s' },
      { name: 'ratio, rows alone', value: dataWrites / ofRows.perSecond, unit: 'of ceiling', atLeast: 0.7 },
      {
        name: 'ratio, mapping and report included',
        value: writes / ceiling.all.perSecond,
        unit: 'of ceiling',
        atLeast: 0.7,
      },
      { name: 'ratio to bare items, rows alone', value: dataWrites / bareCeiling, unit: 'of ceiling' },
      { name: 'ratio to bare items, all included', value: writes / bareCeiling, unit: 'of ceiling' },
    ];
  },
};

/** The whole sheet, and what as many writes of bare items take. */
async function runAll(sheet: string) {
  const stack = await startBenchStack();
  try {
    await warmUp(stack);
    const { action, dataSeconds, seconds } = await timedRun(stack, sheet);
    if (action.counts.created !== rows) throw new Error(`Only ${action.counts.created} of ${rows} rows were created`);
    const pairs = action.mapping?.mapped ?? 0;
    // A row is created and tracked. A pair is entered with its row; mapping it is the boundary API's own write and the
    // status.
    const inserts = 2 * rows + 2 * pairs;
    const updates = pairs;
    const endpoint = stack.local.endpoints.dynamodb;
    const bareCeiling = await rawWritesPerSecond({ endpoint, inserts, updates, payloadBytes: 260 });
    return { dataSeconds, seconds, bareCeiling };
  } finally {
    await stack.stop();
  }
}
