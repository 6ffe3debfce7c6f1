import type { BatchMessage } from '../model/batch-message.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { RowError } from '../model/row.ts';
import { failRows } from './batch-verdict.ts';
import { type BatchStores, batchRowsOf } from './process-batch.ts';
import { withEntityIds } from './with-entity-ids.ts';

const undeliverable: RowError = {
  code: 'not_processed_after_retries',
  message:
    'The row was tried several times and its batch never came through. Retry the action; if it fails again, tell whoever runs this service.',
};

/** A batch that no delivery got through: its rows that have not ended fail with that reason. Nothing is dropped silently. */
export async function drainDeadLetter(
  { actions, tracking, bucket }: BatchStores,
  message: BatchMessage,
  processOf: (name: string) => ProcessDefinition,
): Promise<void> {
  const action = await actions.find(message.accountId, message.actionId);
  if (action?.status !== 'processing' || action.run !== message.run) return;
  const rows = await batchRowsOf(bucket, message);
  const refused = withEntityIds(processOf(message.processName), message, rows).map((row) => ({
    ...row,
    error: undeliverable,
  }));
  const count = await failRows(tracking, action, refused);
  await actions.markBatch(message, { batch: message.currentBatchNumber, created: rows.length - count, failed: count });
}
