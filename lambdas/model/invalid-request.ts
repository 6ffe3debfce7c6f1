import { cutText } from './cut-text.ts';
import { ProblemError } from './problem.ts';

/** Where in a request something was wrong. */
export type RequestPart = 'path' | 'query' | 'headers' | 'body';

/** One finding about a request: what stood where, and what should. */
export interface RequestError {
  readonly in: RequestPart;
  /** The member, e.g. `records[3].name`; empty when the whole part is meant. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

/** Findings in one answer at most: a wrong client is told enough by the first hundred. */
const answeredErrors = 100;
const receivedCharacters = 100;

/** The problem that lists all findings about a request. */
export function invalidRequest(errors: readonly RequestError[], options?: ErrorOptions): ProblemError {
  const [first] = errors;
  const place = first ? [first.in, first.path].filter(Boolean).join('.') : 'request';
  const others = errors.length > 1 ? ` There are ${errors.length} findings in all; see \`errors\`.` : '';
  const detail = `${place}: expected ${first?.expected}, received ${first?.received}.${others}`;
  return new ProblemError('invalid_request', detail, { errors: errors.slice(0, answeredErrors) }, options);
}

/** The one problem of all cursors that are not ours, or not of this query. */
export function foreignCursor(): ProblemError {
  const expected = 'the `cursor` of an earlier answer to the same query';
  return invalidRequest([{ in: 'query', path: 'cursor', expected, received: 'another one' }]);
}

/** What came, as a finding has it: its value when it is short and plain, else its type. */
export function receivedText(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (input === null) return 'null';
  if (Array.isArray(input)) return `an array of ${input.length} items`;
  if (typeof input === 'object') return 'an object';
  return cutText(JSON.stringify(input), receivedCharacters);
}
