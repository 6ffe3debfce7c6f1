import type { BulkAction } from '../model/action.ts';
import { type BatchMessage, type BatchRow, batchMessageBytes, defaultBatchRows } from '../model/batch-message.ts';
import { queueJson } from '../model/queue-json.ts';
import { isOrderedChunk, isRevivedChunk, type StagedRow } from '../model/staged-row.ts';
import type { DispatchInput } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { BatchQueues, QueuedMessage } from '../store/batch-queue.ts';
import { pieces } from '../store/concurrently.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import type { IdentifiedChunk } from './identify-chunk.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly bucket: SheetBucket;
  readonly queues: Pick<BatchQueues, 'of'>;
}

/** Ten batches, as many as one call to the queue takes. */
const batchesAtATime = 10;

/** Sends a chunk's pending rows to the batch queue, a batch a message, numbered over the whole action. */
export async function dispatchChunk(stores: Stores, input: DispatchInput): Promise<{ sent: number }> {
  const [action, answered, settled] = await Promise.all([
    stores.actions.get(input.accountId, input.actionId),
    // Only after a restart of a first run are there any: its batches are the same as before, and theirs are answered.
    input.run === 0 ? stores.actions.answeredBatches(input) : new Set<number>(),
    settledRows(stores.bucket, input),
  ]);
  const queue = stores.queues.of(action.processName);
  const batchRows = action.batches.rows ?? defaultBatchRows;
  let nextBatch = input.firstBatch;
  let waiting: BatchRow[] = [];
  const send = async (rows: readonly BatchRow[]) => {
    const batches = pieces(rows, batchRows);
    const numbered = batches.map((batch, index) => ({ batch, number: nextBatch + index }));
    const open = numbered.filter(({ number }) => !answered.has(number));
    await queue.send(
      await Promise.all(open.map(({ batch, number }) => messageOf(stores.bucket, action, input, batch, number))),
    );
    nextBatch += batches.length;
  };
  for await (const rows of stores.bucket.readLines<StagedRow>(
    sheetKeys.chunk(input.actionId, input.chunk),
    batchesAtATime * batchRows,
  )) {
    waiting.push(...rows.flatMap((row) => batchRowOf(row, settled)));
    const full = waiting.length - (waiting.length % batchRows);
    await send(waiting.slice(0, full));
    waiting = waiting.slice(full);
  }
  await send(waiting);
  return { sent: nextBatch - input.firstBatch };
}

/** Rows of the chunk that need no batch: they were known, or a retry found them settled. */
export async function settledRows(
  bucket: SheetBucket,
  { actionId, chunk, run }: Pick<DispatchInput, 'actionId' | 'chunk' | 'run'>,
): Promise<ReadonlySet<number>> {
  // Ordered rows are unsettled ones; so are revived rows, at which only a retry looks again.
  if (isOrderedChunk(chunk) || (isRevivedChunk(chunk) && run === 0)) return new Set();
  const { settled } = await bucket.getJson<IdentifiedChunk>(sheetKeys.identified(actionId, chunk, run));
  return new Set(settled);
}

function batchRowOf(row: StagedRow, settled: ReadonlySet<number>): BatchRow[] {
  const { rowNumber, uniqueIdentifier, data, entityId, effect } = row;
  if (uniqueIdentifier === undefined || data === undefined || settled.has(rowNumber)) return [];
  return [
    {
      rowNumber,
      uniqueIdentifier,
      data: { ...data },
      ...(entityId !== undefined && { entityId }),
      ...(effect !== undefined && { effect }),
    },
  ];
}

/** The batch as a message: with its rows, or with a claim check when they are too many bytes for the queue. */
async function messageOf(
  bucket: SheetBucket,
  action: BulkAction,
  input: DispatchInput,
  rows: BatchRow[],
  currentBatchNumber: number,
): Promise<QueuedMessage> {
  const { accountId, actionId, referenceId, processName } = action;
  const head = {
    accountId,
    actionId,
    referenceId,
    processName,
    run: input.run,
    currentBatchNumber,
    totalBatchNumber: input.totalBatches,
  };
  const body = queueJson({ ...head, rows } satisfies BatchMessage);
  if (Buffer.byteLength(body) <= batchMessageBytes) return { accountId, body };
  const rowsKey = sheetKeys.batchRows(actionId, input.run, currentBatchNumber);
  await bucket.put(rowsKey, JSON.stringify(rows), 'application/json');
  return { accountId, body: queueJson({ ...head, rowsKey } satisfies BatchMessage) };
}
