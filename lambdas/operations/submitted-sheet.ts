import type { CreateBulkAction } from '../model/api.ts';
import { entityIdColumn } from '../model/process.ts';

const nameCharacters = 100;

/**
 * A file's name as part of an S3 key. Its end is kept, for the extension; what some part of the way might take for more
 * than a name becomes `_`.
 */
export function uploadName(fileName: string): string {
  const safe = fileName.replace(/[^A-Za-z0-9._-]/g, '_').slice(-nameCharacters);
  return /^\.+$/.test(safe) ? 'sheet' : safe;
}

/** Records as the NDJSON sheet that they stand for. */
export function recordLines(records: readonly Readonly<Record<string, unknown>>[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** The rows that came along with a request, or that its one change for many entities stands for; undefined for a file. */
export function submittedRecords({
  records,
  entityIds,
  fieldsToUpdate,
}: CreateBulkAction): readonly Readonly<Record<string, unknown>>[] | undefined {
  return records ?? entityIds?.map((entityId) => ({ [entityIdColumn]: entityId, ...fieldsToUpdate }));
}
