import { z } from 'zod';
import { ProblemError } from '../model/problem.ts';

/** Bytes of a sort key at most. */
const sortKeyBytes = 1_024;

/** The sort key, in a cursor, behind which a list goes on: DynamoDB refuses to look for what no key can be. */
export const sortKey = z
  .string()
  .min(1)
  .refine((key) => Buffer.byteLength(key) <= sortKeyBytes);

/** A place in a list as callers carry it from page to page, without knowing what it says. */
export function encodeCursor(place: object): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The place that a cursor names. Throws the one problem of all cursors that are not ours, or not of this query. */
export function decodeCursor<Place>(schema: z.ZodType<Place>, cursor: string): Place {
  const read = schema.safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString()));
  if (read.success) return read.data;
  throw foreignCursor();
}

export function foreignCursor(): ProblemError {
  return new ProblemError('invalid_request', 'cursor: expected the `cursor` of an earlier answer to the same query');
}

/** The text as JSON; undefined, which no cursor is, when it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
