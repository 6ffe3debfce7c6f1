import { z } from 'zod';
import { type BulkAction, hasEnded } from '../model/action.ts';
import type { listRowsQuerySchema, rowListSchema } from '../model/api.ts';
import { ProblemError } from '../model/problem.ts';
import type { SettledRow } from '../model/staged-row.ts';
import { sheetChunkName } from '../model/staged-row.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export type RowsQuery = z.output<typeof listRowsQuerySchema>;
export type RowList = z.infer<typeof rowListSchema>;

/** Where a page begins: the chunk, and how many of its rows were read before. */
const placeSchema = z.object({ chunk: z.number().int().min(0), row: z.number().int().min(0) });
const start = { chunk: 0, row: 0 };

const rowsAtATime = 1_000;
/** Rows that one request looks at: with a rare status it answers with what it has found, and a cursor to go on. */
const rowsSearched = 200_000;

/**
 * A page of the rows of an ended action with their answers, in input order. With a `status` a page may be short, even
 * empty, and still have a cursor: the rest is behind it.
 */
export async function listRows(bucket: SheetBucket, action: BulkAction, query: RowsQuery): Promise<RowList> {
  refuseUnsettled(action);
  const { status, limit } = query;
  const chunks = action.sheet?.chunks ?? 0;
  if (status !== undefined && action.counts[status] === 0) return { items: [] };
  const list = ['rows', action.actionId];
  const items: SettledRow[] = [];
  let searched = 0;
  let { chunk, row } = query.cursor === undefined ? start : decodeCursor(placeSchema, query.cursor, ...list);
  for (; chunk < chunks; chunk++, row = 0) {
    let seen = 0;
    for await (const rows of answersOf(bucket, action, chunk)) {
      for (const settled of rows) {
        if (seen++ < row) continue;
        if (items.length === limit || searched === rowsSearched) {
          return { items: items.map(rowView), cursor: encodeCursor({ chunk, row: seen - 1 }, ...list) };
        }
        searched += 1;
        if (status === undefined || settled.answer === status) items.push(settled);
      }
    }
  }
  return { items: items.map(rowView) };
}

function refuseUnsettled(action: BulkAction): void {
  if (hasEnded(action)) return;
  const detail = `The action is ${action.status}; its rows have their final answers when it has ended.`;
  throw new ProblemError('illegal_transition', detail, { actionStatus: action.status });
}

/** The chunk's answers. They are working data and go some days after the action; its report stays longer. */
async function* answersOf(bucket: SheetBucket, action: BulkAction, chunk: number): AsyncGenerator<SettledRow[]> {
  try {
    yield* bucket.readLines<SettledRow>(sheetKeys.results(action.actionId, sheetChunkName(chunk)), rowsAtATime);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'NoSuchKey')) throw error;
    const detail = "The action's answers row by row are no longer kept, or were never complete. See its report.";
    throw new ProblemError('no_longer_kept', detail, {}, { cause: error });
  }
}

function rowView({ rowNumber, answer, uniqueIdentifier, entityId, errors }: SettledRow): RowList['items'][number] {
  return {
    rowNumber,
    answer,
    ...(uniqueIdentifier !== undefined && { uniqueIdentifier }),
    ...(entityId !== undefined && { entityId }),
    ...(errors && { errors: [...errors] }),
  };
}
