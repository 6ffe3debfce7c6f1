import { ApiClient } from '../cli/api-client.ts';
import type { CreatedKey } from '../cli/api-types.ts';
import { type Bench, median } from './support/result.ts';
import { facilitySheet } from './support/sheets.ts';
import { type BenchStack, startBenchStack } from './support/stack.ts';

const largeRows = Number(process.env.BENCH_ROWS ?? 100_000);
const smallRows = 100;
const quietRuns = 8;
/** Fewer runs beside the large action say nothing: then it has to be larger. */
const leastRuns = 3;

/** How long a small action of one account takes while a large one of another account is under way, against its quiet time. */
export const fairness: Bench = {
  name: 'fairness',
  title: `Fairness: ${smallRows} rows of one account beside ${largeRows.toLocaleString('en')} of another`,
  async run() {
    const [small, large] = [await facilitySheet(smallRows), await facilitySheet(largeRows)];
    const stack = await startBenchStack();
    try {
      const neighbour = await newAccount(stack);
      const timed = async (referenceId: string) => {
        const before = Date.now();
        const submission = { processName: 'facilityCreation', referenceId };
        const { finishedAt = '' } = await stack.run(small, submission, { api: neighbour });
        // As the action says itself: whoever asks five times a second learns of it up to 0.2 s late.
        return (Date.parse(finishedAt) - before) / 1000;
      };
      // The first run starts the functions; it is not counted.
      await timed('warm');
      const quiet: number[] = [];
      for (let run = 0; run < quietRuns; run++) quiet.push(await timed(`quiet-${run}`));
      const busy = await whileLargeRuns(stack, large, (run) => timed(`busy-${run}`));
      return [
        { name: 'quiet, median', value: median(quiet), unit: 's' },
        { name: 'beside the large action, median', value: median(busy), unit: 's', note: `${busy.length} runs` },
        { name: 'beside the large action, slowest', value: Math.max(...busy), unit: 's' },
        { name: 'ratio of the medians', value: median(busy) / median(quiet), unit: 'times', atMost: 2 },
      ];
    } finally {
      await stack.stop();
    }
  },
};

/** An account of its own, with a key that may submit. */
async function newAccount({ api, local }: BenchStack): Promise<ApiClient> {
  const accountId = 'neighbour';
  await api.post('/api/accounts', { accountId, name: 'Neighbour' });
  const { key } = await api.post<CreatedKey>('/api/keys', { accountId, role: 'operator', name: 'bench' });
  return new ApiClient({ apiUrl: local.apiUrl, key });
}

/** Runs the small action over and over from when the rows of the large one are dispatched until they have answered. */
async function whileLargeRuns(
  stack: BenchStack,
  sheet: string,
  runSmall: (run: number) => Promise<number>,
): Promise<number[]> {
  let status = '';
  const submission = { processName: 'facilityCreation', referenceId: 'large' };
  const largeRun = stack.run(sheet, submission, { look: (action) => (status = action.status) });
  const seconds: number[] = [];
  const ended = largeRun.then(() => (status = 'ended'));
  while (status === '' || status === 'pending') await new Promise((resolve) => setTimeout(resolve, 50));
  while (status === 'validating' || status === 'processing') seconds.push(await runSmall(seconds.length));
  await ended;
  if (seconds.length < leastRuns) {
    throw new Error(`Only ${seconds.length} small actions fitted beside the large one: set BENCH_ROWS higher`);
  }
  return seconds;
}
