import { z } from 'zod';
import { entityEffects } from './entity.ts';

/** Rows in one batch, unless the stage says otherwise. */
export const defaultBatchRows = 100;
/** Rows in one batch at most. */
export const maxBatchRows = 1_000;
/** SQS accepted 256 KB a message for most of its life; some room is left for the envelope. */
export const batchMessageBytes = 240 * 1024;

const batchRow = z.object({
  rowNumber: z.number().int().positive(),
  uniqueIdentifier: z.string().min(1),
  data: z.record(z.string(), z.unknown()),
  /** As staged, where rows change entities. */
  entityId: z.string().optional(),
  effect: z.enum(entityEffects).optional(),
});
/** A row on its way to becoming an entity. */
export type BatchRow = z.infer<typeof batchRow>;

/** A row of a batch with the id of the entity that it changes, or is to become. */
export type IdentifiedRow = BatchRow & { readonly entityId: string };

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
  head.extend({ rows: z.array(batchRow).min(1).max(maxBatchRows) }),
  head.extend({ rowsKey: z.string().startsWith('chunks/') }),
]);
export type BatchMessage = z.infer<typeof batchMessageSchema>;

/** The rows that a claim check points to. */
export const batchRowsSchema = z.array(batchRow).min(1).max(maxBatchRows);
