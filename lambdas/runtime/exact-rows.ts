import { keepingExact, mayHaveExactNumbers } from '../model/exact-number.ts';

/** Members of a body whose values go into a sheet, where every digit counts. */
const rowMembers = ['records', 'fieldsToUpdate'];

/**
 * A request's body. Its numbers are numbers, but where one in a row would become another one: there `JSON.stringify`
 * writes it as it came.
 */
export function parseBody(text: string): unknown {
  const body: unknown = JSON.parse(text);
  if (!isObject(body) || !mayHaveExactNumbers(text)) return body;
  const exact = JSON.parse(text, keepingExact(JSON.rawJSON)) as Record<string, unknown>;
  const rows = rowMembers.filter((name) => Object.hasOwn(body, name));
  return { ...body, ...Object.fromEntries(rows.map((name) => [name, exactRows(body[name], exact[name])])) };
}

/** What stands in the place of a row, but is none, stays a number, for the schema to say so. */
function exactRows(rows: unknown, exact: unknown): unknown {
  if (Array.isArray(rows)) return rows.map((row, index) => exactRows(row, (exact as unknown[])[index]));
  return isObject(rows) ? exact : rows;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
