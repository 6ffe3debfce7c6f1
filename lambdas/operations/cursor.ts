import { z } from 'zod';
import { digestOf } from '../model/identity.ts';
import { foreignCursor } from '../model/invalid-request.ts';

/** Bytes of a sort key at most. */
const sortKeyBytes = 1_024;

/** The sort key, in a cursor, behind which a list goes on: DynamoDB refuses to look for what no key can be. */
export const sortKey = z
  .string()
  .min(1)
  .refine((key) => Buffer.byteLength(key) <= sortKeyBytes);

/**
 * A place in a list as callers carry it from page to page, without knowing what it says. `list` is all that makes the list
 * this one: in any other the place means something else, or nothing.
 */
export function encodeCursor(place: object, ...list: string[]): string {
  return Buffer.from(JSON.stringify({ list: digestOf(...list), place })).toString('base64url');
}

/** The place that a cursor of this list names. @throws ProblemError when it is none of ours, or of another list. */
export function decodeCursor<Place>(schema: z.ZodType<Place>, cursor: string, ...list: string[]): Place {
  const ours = z.object({ list: z.literal(digestOf(...list)), place: schema });
  const read = ours.safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString()));
  if (read.success) return read.data.place;
  throw foreignCursor();
}

/** The text as JSON; undefined, which no cursor is, when it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
