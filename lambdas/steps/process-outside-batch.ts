import type { BatchMessage } from '../model/batch-message.ts';
import type { MeasuredBatch } from '../model/batch-times.ts';
import { queueJson } from '../model/queue-json.ts';
import type { BatchQueue } from '../store/batch-queue.ts';
import { type BatchContext, type BatchStores, processBatch } from './process-batch.ts';

/** A batch as a queue delivered it. */
export interface DeliveredBatch {
  readonly message: BatchMessage;
  readonly receiptHandle: string;
}

/** `done`: the message is done with. `again`: it comes again when its delay is over. */
export type OutsideOutcome = { readonly kind: 'done'; readonly measured?: MeasuredBatch } | { readonly kind: 'again' };

/** The longest pause before a batch comes again, unless the service asks for more. */
const longestPauseSeconds = 300;

/**
 * Creates the entities of a batch in a service outside. What the service does not take now comes again with growing, scattered pauses. A delivery that settled some rows counts as none: a service that is
 * slow but answers uses up nobody's deliveries, so the rest goes into the queue as a new message.
 */
export async function processOutsideBatch(
  stores: BatchStores & { readonly queue: BatchQueue },
  { message, receiptHandle }: DeliveredBatch,
  context: BatchContext,
): Promise<OutsideOutcome> {
  const outcome = await processBatch(stores, message, context);
  if (outcome.kind === 'done') return outcome;
  const delaySeconds = Math.max(outcome.delaySeconds ?? 0, pauseAfter(outcome.settled > 0 ? 1 : context.receiveCount));
  if (outcome.settled > 0) {
    const body = queueJson(message);
    await stores.queue.send([{ accountId: message.accountId, body, delaySeconds }]);
    return { kind: 'done' };
  }
  await stores.queue.delay(receiptHandle, delaySeconds);
  return { kind: 'again' };
}

/** Doubles from delivery to delivery, less a random part, so that batches that failed together do not come together. */
function pauseAfter(deliveries: number): number {
  return Math.min(2 ** deliveries, longestPauseSeconds) * (0.5 + Math.random() / 2);
}
