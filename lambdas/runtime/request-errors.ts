import type { z } from 'zod';
import { type RequestError, type RequestPart, receivedText } from '../model/invalid-request.ts';

/** Turns a schema's issues (made with `reportInput`) into findings. */
export function requestErrors(part: RequestPart, issues: readonly z.core.$ZodIssue[]): RequestError[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => finding(part, [...issue.path, key], 'no such member', 'one'));
    }
    return [finding(part, issue.path, expectedBy(issue), receivedText(issue.input))];
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
