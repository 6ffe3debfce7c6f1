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
