import { z } from 'zod';

/** Rows in one SQS message at most. */
export const batchRows = 100;
/** SQS accepted 256 KB a message for most of its life; some room is left for the envelope. */
export const batchMessageBytes = 240 * 1024;

const batchRow = z.object({
  rowNumber: z.number().int().positive(),
  uniqueIdentifier: z.string().min(1),
  data: z.record(z.string(), z.unknown()),
});
/** A row on its way to becoming an entity. */
export type BatchRow = z.infer<typeof batchRow>;

const head = z.object({
  accountId: z.string(),
  actionId: z.string(),
  referenceId: z.string(),
  processName: z.string(),
  run: z.number().int().min(0),
  currentBatchNumber: z.number().int().positive(),
  totalBatchNumber: z.number().int().positive(),
});

/** A batch as SQS carries it: its rows, or where they are when they are too many bytes (claim check). */
export const batchMessageSchema = z.union([
  head.extend({ rows: z.array(batchRow).min(1).max(batchRows) }),
  head.extend({ rowsKey: z.string().startsWith('chunks/') }),
]);
export type BatchMessage = z.infer<typeof batchMessageSchema>;

/** The rows that a claim check points to. */
export const batchRowsSchema = z.array(batchRow).min(1).max(batchRows);
