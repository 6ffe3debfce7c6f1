/**
 * Reads a sheet and says what it cost: `node bench/sheets/read.ts FILE`. One file a process, so that the peak of memory is
 * that of this file. Prints one line of JSON: rows, seconds, µs a row, peak resident memory in MB.
 */
import { openSheet } from '../../lambdas/sheets/open-sheet.ts';
import { fileSource } from './file-source.ts';

export interface ReadCost {
  rows: number;
  seconds: number;
  microsecondsPerRow: number;
  peakMegabytes: number;
}

/** Reads all rows of the file and throws them away. */
export async function readCost(path: string): Promise<ReadCost> {
  const start = performance.now();
  const sheet = await openSheet(await fileSource(path));
  let rows = 0;
  for await (const batch of sheet.batches) rows += batch.length;
  const milliseconds = performance.now() - start;
  return {
    rows,
    seconds: Number((milliseconds / 1000).toFixed(2)),
    microsecondsPerRow: Number(((milliseconds * 1000) / rows).toFixed(1)),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

if (import.meta.main) {
  const [path] = process.argv.slice(2);
  if (path === undefined) {
    console.error('Usage: node bench/sheets/read.ts FILE');
    process.exit(2);
  }
  console.log(JSON.stringify(await readCost(path)));
}
