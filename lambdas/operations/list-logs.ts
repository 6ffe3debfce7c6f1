import { z } from 'zod';
import { type BulkAction, hasEnded } from '../model/action.ts';
import type { LogEntry, LogList, listLogsQuerySchema } from '../model/api/logs-and-stats.ts';
import { answersLogged } from '../model/log-entry.ts';
import type { EarlierRuns } from '../store/earlier-runs.ts';
import type { SheetBucket } from '../store/sheet-bucket.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { type RowPlace, rowEntries } from './row-entries.ts';
import { type RowSection, type SystemEntry, systemEntries } from './system-entries.ts';

interface Stores {
  readonly bucket: SheetBucket;
  readonly earlierRuns: EarlierRuns;
}

export type LogsQuery = z.output<typeof listLogsQuerySchema>;

const count = z.number().int().min(0);
/** Where reading goes on: after a system entry, and among the rows that follow it, where `rows` says. */
const placeSchema = z.object({
  after: z.string().max(100),
  rows: z.object({ chunk: count, row: count, entry: count }).optional(),
});
type Place = z.infer<typeof placeSchema>;

/** One entry, unless the filters leave it out, and where reading goes on after it. */
interface Step {
  readonly entry?: LogEntry;
  readonly next: Place;
}

/** Entries that one request looks at: with a rare code it answers with what it has found, and a cursor to go on. */
const entriesSearched = 200_000;

/**
 * A page of the action's log. What comes later stands later, so that whoever has read to the end can read on from there:
 * an entry is told once, but for rows that a retry answers anew. With a filter a page may be short, even empty, and
 * still have a cursor: the rest is behind it.
 */
export async function listLogs(stores: Stores, action: BulkAction, query: LogsQuery): Promise<LogList> {
  const list = ['logs', action.actionId];
  const from = query.cursor === undefined ? undefined : decodeCursor(placeSchema, query.cursor, ...list);
  const earlier = action.run === 0 ? [] : await stores.earlierRuns.before(action);
  const items: LogEntry[] = [];
  let searched = 0;
  let reached = from;
  for await (const { entry, next } of stepsFrom(stores.bucket, action, systemEntries(action, earlier), from, query)) {
    if (items.length === query.limit || searched === entriesSearched) {
      return { items, ...(reached && { cursor: encodeCursor(reached, ...list) }) };
    }
    if (entry && isWanted(entry, query)) items.push(entry);
    searched += 1;
    reached = next;
  }
  return { items, ...(reached && !hasEnded(action) && { resume: encodeCursor(reached, ...list) }) };
}

/** All entries after a place, system entries with the rows that belong behind them. */
async function* stepsFrom(
  bucket: SheetBucket,
  action: BulkAction,
  entries: readonly SystemEntry[],
  from: Place | undefined,
  query: LogsQuery,
): AsyncGenerator<Step> {
  for (const { id, at, code, message, rows } of entries) {
    const isHere = id === from?.after;
    if (from !== undefined && id < from.after) continue;
    if (!isHere) yield { entry: { at, status: 'system', code, message }, next: { after: id } };
    if (rows === undefined || !hasRows(action, rows, query)) continue;
    const start = (isHere && from?.rows) || { chunk: 0, row: 0, entry: 0 };
    for await (const step of rowEntries(bucket, action, rows, start)) yield stepOf(step, id, at);
  }
}

function stepOf({ entry, next }: { entry: LogEntry; next: RowPlace }, after: string, at: string): Step {
  return { entry: { at, ...entry }, next: { after, rows: { ...next } } };
}

/** Whether it is worth looking: the counts say when nothing that is asked for can be there. */
function hasRows({ counts }: BulkAction, section: RowSection, { status }: LogsQuery): boolean {
  const findings = counts.invalid + counts.duplicate;
  if (section === 'findings') return findings > 0 && (status === undefined || status === 'skipped');
  const answers = status === undefined ? (['rows'] as const) : answersLogged(status);
  const wanted = answers.reduce((sum, answer) => sum + counts[answer], 0);
  return wanted - (status === undefined || status === 'skipped' ? findings : 0) > 0;
}

function isWanted({ status, code }: LogEntry, query: LogsQuery): boolean {
  return (query.status === undefined || status === query.status) && (query.code === undefined || code === query.code);
}
