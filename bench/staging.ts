import { rm } from 'node:fs/promises';
import type { LocalStack } from '../local/local-stack.ts';
import type { Bench, Figure } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack } from './support/stack.ts';
import { type StageCost, stageSheet } from './support/stage-sheet.ts';

const sizes = (process.env.BENCH_STAGING_ROWS ?? '10000,100000,1000000').split(',').map(Number);
const mostMegabytes = 512;
/** What a million rows may take more than ten thousand: up to 84 MB for their identifiers (`FirstRows`), and fuller buffers. */
const mostGrowth = 128;

/**
 * Peak memory of the stage-sheet function, in a process of its own, for sheets ten times as long each: as it is deployed,
 * where V8 lets garbage lie while there is room, and with V8 told to save memory, which shows what it needs.
 */
export const staging: Bench = {
  name: 'staging',
  title: 'Staging: peak memory and pace of stage-sheet, CSV and XLSX',
  async run() {
    const stack = await startBenchStack();
    try {
      const figures: Figure[] = [];
      for (const format of ['csv', 'xlsx'] as const) figures.push(...(await stageAll(stack.local, format)));
      return figures;
    } finally {
      await stack.stop();
    }
  },
};

async function stageAll(local: LocalStack, format: 'csv' | 'xlsx'): Promise<Figure[]> {
  const figures: Figure[] = [];
  const needed: number[] = [];
  for (const rows of sizes) {
    const sheet = await facilitySheet(rows, { format });
    const deployed = await stageOnce(local, sheet);
    const { megabytes } = await stageOnce(local, sheet, ['--optimize-for-size']);
    await rm(sheet);
    needed.push(megabytes);
    const name = `${format} ${rows.toLocaleString('en')} rows`;
    figures.push(
      { name: `${name}: peak memory`, value: deployed.megabytes, unit: 'MB', atMost: mostMegabytes },
      { name: `${name}: pace`, value: rows / deployed.seconds, unit: 'rows/s' },
      { name: `${name}: peak memory when it saves`, value: megabytes, unit: 'MB' },
    );
  }
  const growth = Math.max(...needed) - Math.min(...needed);
  return [...figures, { name: `${format}: growth when it saves`, value: growth, unit: 'MB', atMost: mostGrowth }];
}

async function stageOnce(local: LocalStack, sheet: string, flags: readonly string[] = []): Promise<StageCost> {
  const cost = await stageSheet(local, sheet, { processName: 'facilityCreation', flags });
  if (cost.outcome !== 'staged') throw new Error(`stage-sheet answered ${cost.outcome}`);
  return cost;
}
