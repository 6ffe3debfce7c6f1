import { z } from 'zod';
import type { BulkAction } from '../model/action.ts';
import type { UndoList, UndoQuery } from '../model/api/lifecycle.ts';
import { ProblemError } from '../model/problem.ts';
import { chunksOf } from '../steps/revive-rows.ts';
import type { SkippedRow } from '../steps/undo-rows.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { viewUndo } from './view-bulk-action.ts';

/** Where a page begins: the chunk, and how many of its rows were read before. */
const placeSchema = z.object({ chunk: z.number().int().min(0), row: z.number().int().min(0) });

const rowsAtATime = 1_000;

/** A page of the entities that an undoing has left alone, in the order of the sheet; as far as it is by now. */
export async function listUndo(
  bucket: SheetBucket,
  action: BulkAction,
  { cursor, limit }: UndoQuery,
): Promise<UndoList> {
  if (!action.undo) throw new ProblemError('not_found', 'Nobody has asked to undo the action.');
  const undo = viewUndo(action.undo);
  const chunks = await chunksOf(bucket, action);
  const items: UndoList['items'] = [];
  const list = ['undo', action.actionId];
  let { chunk, row } = cursor === undefined ? { chunk: 0, row: 0 } : decodeCursor(placeSchema, cursor, ...list);
  for (; chunk < chunks.length; chunk++, row = 0) {
    let seen = 0;
    for await (const rows of skippedOf(bucket, action, chunks[chunk] as string)) {
      for (const skipped of rows) {
        if (seen++ < row) continue;
        if (items.length === limit) return { undo, items, cursor: encodeCursor({ chunk, row: seen - 1 }, ...list) };
        items.push(skippedView(skipped));
      }
    }
  }
  return { undo, items };
}

async function* skippedOf(bucket: SheetBucket, { actionId }: BulkAction, chunk: string): AsyncGenerator<SkippedRow[]> {
  const key = sheetKeys.undo(actionId, chunk);
  if (await bucket.head(key)) yield* bucket.readLines<SkippedRow>(key, rowsAtATime);
}

function skippedView({ rowNumber, uniqueIdentifier, entityId, error }: SkippedRow): UndoList['items'][number] {
  return { rowNumber, ...(uniqueIdentifier !== undefined && { uniqueIdentifier }), entityId, error: { ...error } };
}
