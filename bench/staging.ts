import { rm } from 'node:fs/promises';
import type { LocalStack } from '../local/local-stack.ts';
import type { Bench, Figure } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack } from './support/stack.ts';
import { stageSheet } from './support/stage-sheet.ts';

const sizes = (process.env.BENCH_STAGING_ROWS ?? '10000,100000,1000000').split(',').map(Number);
const mostMegabytes = 512;
/** What a million rows may take more than ten thousand: 28 MB for their identifiers (`FirstRows`), the rest for garbage. */
const mostGrowth = 80;

/** Peak memory of the stage-sheet function, in a process of its own with its own options, for sheets ten times as long each. */
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
  const peaks: number[] = [];
  for (const rows of sizes) {
    const sheet = await facilitySheet(rows, { format });
    const { outcome, megabytes, seconds } = await stageSheet(local, sheet, { processName: 'facilityCreation' });
    if (outcome !== 'staged') throw new Error(`stage-sheet answered ${outcome}`);
    await rm(sheet);
    peaks.push(megabytes);
    const name = `${format} ${rows.toLocaleString('en')} rows`;
    figures.push(
      { name: `${name}: peak memory`, value: megabytes, unit: 'MB', atMost: mostMegabytes },
      { name: `${name}: pace`, value: rows / seconds, unit: 'rows/s' },
    );
  }
  const growth = Math.max(...peaks) - Math.min(...peaks);
  return [
    ...figures,
    { name: `${format}: growth from the shortest to the longest`, value: growth, unit: 'MB', atMost: mostGrowth },
  ];
}
