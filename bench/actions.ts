import type { BulkActionView } from '../cli/api-types.ts';
import { hasEnded, readAction } from '../cli/watch-action.ts';
import { concurrently } from '../lambdas/store/concurrently.ts';
import { contact, contactSheet } from './support/contacts.ts';
import { measureUnderCeiling } from './support/recorded-writes.ts';
import type { Bench, Figure } from './support/result.ts';
import { type BenchStack, startBenchStack } from './support/stack.ts';

const rows = Number(process.env.BENCH_ROWS ?? 100_000);
const half = Math.floor(rows / 2);
/** As many small actions as the large one has hundreds of rows; 1,000 at full size. */
const smallActions = Math.min(1_000, Math.ceil(rows / 100));
const smallRows = 10;
/** Submissions on the way at a time: the actions run in parallel, not the sockets. */
const submissionsAtATime = 32;
/**
 * Actions that are asked after at a time, in the order of their submission, once a second each. They end in about that order,
 * so most are asked after once, and the last end is noticed within a second: the bench measures the stack, not its own asking.
 */
const asked = { atATime: 4, everyMs: 1_000 };
/** Contacts by upsert, half of them new, against the raw ceiling; then many small actions at once. */
export const actions: Bench = {
  name: 'actions',
  title: `Actions: ${rows.toLocaleString('en')} contact upserts, half new, and ${smallActions.toLocaleString('en')} actions of ${smallRows} rows at once`,
  async run() {
    const stack = await startBenchStack();
    try {
      return [...(await upserts(stack)), ...(await manyActions(stack))];
    } finally {
      await stack.stop();
    }
  },
};

async function upserts(stack: BenchStack): Promise<Figure[]> {
  const { result: seconds, ceiling } = await measureUnderCeiling(
    { run: upsert, before: { prepare: insertHalf } },
    async () => {
      await insertHalf(stack);
      const started = performance.now();
      await upsert(stack);
      return (performance.now() - started) / 1000;
    },
  );
  const { writes, perSecond } = ceiling.all;
  return [
    { name: 'upserts, from the announcement to the report', value: rows / seconds, unit: 'rows/s' },
    // What is new is guarded twice, created and tracked; what is there is changed and tracked.
    { name: 'writes a row', value: writes / rows, unit: 'writes' },
    { name: 'writes', value: writes / seconds, unit: 'writes/s' },
    { name: 'raw ceiling: the same writes', value: perSecond, unit: 'writes/s' },
    { name: 'ratio', value: writes / seconds / perSecond, unit: 'of ceiling', atLeast: 0.7 },
  ];
}

async function insertHalf(stack: BenchStack): Promise<void> {
  const action = await stack.run(await contactSheet(0, half, 'Clerk'), submission('contactInsert', 'before'));
  expectCounts(action, { created: half });
}

async function upsert(stack: BenchStack): Promise<void> {
  const action = await stack.run(await contactSheet(0, rows, 'Manager'), submission('contactUpsert', 'upserts'));
  expectCounts(action, { created: rows - half, updated: half });
}

/** All are submitted before any is asked after. */
async function manyActions(stack: BenchStack): Promise<Figure[]> {
  const started = performance.now();
  const indexes = Array.from({ length: smallActions }, (_, index) => index);
  const ids = await concurrently(indexes, submissionsAtATime, async (index) => {
    const first = rows + index * smallRows;
    const records = Array.from({ length: smallRows }, (_, row) => contact(first + row, 'Clerk'));
    const body = { ...submission('contactUpsert', `small-${index}`), records };
    return (await stack.api.post<{ actionId: string }>('/api/bulk-actions', body)).actionId;
  });
  const submitted = (performance.now() - started) / 1000;
  const ended = await concurrently(ids, asked.atATime, (actionId) => end(stack, actionId));
  const seconds = (performance.now() - started) / 1000;
  const created = ended.reduce((sum, { counts }) => sum + counts.created, 0);
  return [
    { name: 'small actions, submitted', value: smallActions / submitted, unit: 'actions/s' },
    { name: 'small actions, until all have ended', value: smallActions / seconds, unit: 'actions/s' },
    { name: 'rows of small actions lost', value: smallActions * smallRows - created, unit: 'rows', atMost: 0 },
  ];
}

async function end({ api }: BenchStack, actionId: string): Promise<BulkActionView> {
  for (;;) {
    const action = await readAction(api, actionId);
    if (hasEnded(action)) return action;
    await new Promise((resolve) => setTimeout(resolve, asked.everyMs));
  }
}

function submission(processName: string, reference: string) {
  return { processName, referenceId: `bench-${reference}` };
}

/** Throws when a row has another answer: then nothing that was measured counts. */
function expectCounts({ actionId, counts }: BulkActionView, expected: Partial<BulkActionView['counts']>): void {
  for (const [answer, count] of Object.entries(expected)) {
    const found = counts[answer as keyof typeof counts];
    if (found !== count) throw new Error(`Action ${actionId}: ${found} rows were ${answer}, expected ${count}`);
  }
}
