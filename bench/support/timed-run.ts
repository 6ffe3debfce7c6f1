import type { BulkActionView } from '../../cli/api-types.ts';
import type { BenchStack } from './stack.ts';

/** Seconds from the announcement of a sheet. */
export interface TimedRun {
  readonly action: BulkActionView;
  /** Until every row was settled and its boundaries entered. */
  readonly dataSeconds: number;
  /** Until all was mapped and reported. */
  readonly seconds: number;
}

/** Runs a sheet of facilities and notes when the action went from its rows to their mapping. */
export async function timedRun(stack: BenchStack, sheet: string, onMapping = () => {}): Promise<TimedRun> {
  const before = performance.now();
  const elapsed = () => (performance.now() - before) / 1000;
  let dataSeconds: number | undefined;
  const look = ({ status }: BulkActionView) => {
    if (status !== 'mapping' || dataSeconds !== undefined) return;
    dataSeconds = elapsed();
    onMapping();
  };
  const action = await stack.run(sheet, { processName: 'facilityCreation', referenceId: 'bench' }, { look });
  const seconds = elapsed();
  return { action, dataSeconds: dataSeconds ?? seconds, seconds };
}
