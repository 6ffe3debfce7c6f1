import type { BatchMessage } from '../model/batch-message.ts';
import type { RowError } from '../model/row.ts';
import { rowScopeOf } from '../model/row-scope.ts';
import { type BatchStores, batchRowsOf } from './process-batch.ts';

const undeliverable: RowError = {
  code: 'not_processed_after_retries',
  message:
    'The row was tried several times and its batch never came through. Retry the action; if it fails again, tell whoever runs this service.',
};

/** A batch that no delivery got through: its rows that are still pending fail with that reason. Nothing is dropped silently. */
export async function drainDeadLetter(
  { actions, tracking, bucket }: BatchStores,
  message: BatchMessage,
): Promise<void> {
  const action = await actions.find(message.accountId, message.actionId);
  if (action?.status !== 'processing' || action.run !== message.run) return;
  const rows = await batchRowsOf(bucket, message);
  const failed = await tracking.markFailed(
    rowScopeOf(action),
    message.actionId,
    rows.map(({ uniqueIdentifier }) => ({ uniqueIdentifier, error: undeliverable })),
  );
  const count = failed.filter(Boolean).length;
  await actions.markBatch(message, { batch: message.currentBatchNumber, created: rows.length - count, failed: count });
}
