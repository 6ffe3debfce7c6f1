import type { ResultsLocation } from '../../model/service-configuration.ts';
import type { Answer } from './answer-rules.ts';
import { textOf, valueAt } from './paths.ts';
import type { Scope } from './template.ts';

/** The record of each row in a bulk answer, in the order of the rows; undefined where there is none. */
export function recordsOf(answer: Answer, results: ResultsLocation, rows: readonly Scope[]): (Answer | undefined)[] {
  const records = listOf(answer.body, results.paths).map((body) => recordOf(answer, body, results.statusPath));
  if (results.match === undefined) return records.length === rows.length ? records : rows.map(() => undefined);
  const { answer: inRecord, request: inRow } = results.match;
  const byKey = new Map(records.map((record) => [keyOf(record.body, inRecord), record] as const));
  return rows.map((row) => {
    const key = keyOf(row, inRow);
    return key === undefined ? undefined : byKey.get(key);
  });
}

function listOf(body: unknown, paths: readonly string[] | undefined): unknown[] {
  if (paths === undefined) return body === undefined || body === '' ? [] : [body].flat();
  return paths.flatMap((path) => valueAt(body, path) ?? []);
}

function recordOf(answer: Answer, body: unknown, statusPath: string | undefined): Answer {
  const own = statusPath === undefined ? undefined : Number(valueAt(body, statusPath));
  return { status: own === undefined || Number.isNaN(own) ? answer.status : own, body };
}

/** Parts that are joined unambiguously; undefined when one is missing, since nothing matches nothing. */
export function keyOf(value: unknown, paths: readonly string[]): string | undefined {
  const parts = paths.map((path) => textOf(valueAt(value, path)));
  return parts.includes(undefined) ? undefined : JSON.stringify(parts);
}
