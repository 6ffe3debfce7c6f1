import type { z } from 'zod';
import { ProblemError } from '../model/problem.ts';

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
export function invalidRequest(errors: readonly RequestError[]): ProblemError {
  const [first] = errors;
  const place = first ? [first.in, first.path].filter(Boolean).join('.') : 'request';
  const others = errors.length > 1 ? ` There are ${errors.length} findings in all; see \`errors\`.` : '';
  const detail = `${place}: expected ${first?.expected}, received ${first?.received}.${others}`;
  return new ProblemError('invalid_request', detail, { errors: errors.slice(0, answeredErrors) });
}

/** Turns a schema's issues (made with `reportInput`) into findings. */
export function requestErrors(part: RequestPart, issues: readonly z.core.$ZodIssue[]): RequestError[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => finding(part, [...issue.path, key], 'no such member', 'one'));
    }
    return [finding(part, issue.path, expectedBy(issue), received(issue.input))];
  });
}

function finding(part: RequestPart, path: readonly PropertyKey[], expected: string, got: string): RequestError {
  return { in: part, path: memberPath(path), expected, received: got };
}

/** `['records', 3, 'name']` as `records[3].name`. */
function memberPath(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

/** What the schema wanted, in words. Schemas with a message of their own begin it with "expected". */
function expectedBy(issue: z.core.$ZodIssue): string {
  const own = /^expected (?<what>.+)$/.exec(issue.message)?.groups?.what;
  if (own) return own;
  switch (issue.code) {
    case 'invalid_type':
      return withArticle(issue.expected);
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return `a text in the format ${issue.format}`;
    default:
      return issue.message;
  }
}

function withArticle(type: string): string {
  if (type === 'int') return 'a whole number';
  if (type === 'string') return 'a text';
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  if (origin === 'array') return ' items';
  return '';
}

/** What came instead: its value when it is short and plain, else its type. */
function received(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (input === null) return 'null';
  if (Array.isArray(input)) return `an array of ${input.length} items`;
  if (typeof input === 'object') return 'an object';
  return JSON.stringify(input).slice(0, receivedCharacters);
}
