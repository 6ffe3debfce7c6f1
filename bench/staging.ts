import { rm } from 'node:fs/promises';
import type { LocalStack } from '../local/local-stack.ts';
import type { Bench, Figure } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { startBenchStack } from './support/stack.ts';
import { stageSheet } from './support/stage-sheet.ts';

const sizes = (process.env.BENCH_STAGING_ROWS ?? '10000,100000,1000000').split(',').map(Number);
const mostMegabytes = 512;

/** Peak memory of the stage-sheet function as it is deployed, in a process of its own, for sheets ten times as long each. */
export const staging: Bench = {
  name: 'staging',
  title: 'Staging: peak memory and pace of stage-sheet, CSV and XLSX',
  async run() {
    const stack = await startBenchStack();
    try {
      const figures: Figure[] = [];
      for (const format of ['csv', 'xlsx'] as const) {
        for (const rows of sizes) figures.push(...(await stageOnce(stack.local, rows, format)));
      }
      return figures;
    } finally {
      await stack.stop();
    }
  },
};

async function stageOnce(local: LocalStack, rows: number, format: 'csv' | 'xlsx'): Promise<Figure[]> {
  const sheet = await facilitySheet(rows, { format });
  const { outcome, megabytes, seconds } = await stageSheet(local, sheet, { processName: 'facilityCreation' });
  if (outcome !== 'staged') throw new Error(`stage-sheet answered ${outcome}`);
  await rm(sheet);
  const name = `${format} ${rows.toLocaleString('en')} rows`;
  return [
    { name: `${name}: peak memory`, value: megabytes, unit: 'MB', atMost: mostMegabytes },
    { name: `${name}: pace`, value: rows / seconds, unit: 'rows/s' },
  ];
}
