import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problems } from '../lambdas/model/problem.ts';
import { cellErrorCodes } from '../lambdas/processes/cell-errors.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

/** Codes as the sources write them: `code: 'invalid_rows'`, `| 'empty_sheet'` in a union, `'service_busy'`. */
const patterns = [
  /\bcode: '([a-z]+(?:_[a-z]+)*)'/g,
  /\? '([a-z]+_[a-z]+)' : '([a-z]+_[a-z]+)'/g,
  /'(service_[a-z_]+)'/g,
];
const unions = /^ {2}\| '([a-z_]+)'/gm;

function codesOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = patterns.flatMap((pattern) => [...text.matchAll(pattern)]).flatMap(([, ...codes]) => codes);
  const listed = file.endsWith('sheet-error.ts') ? [...text.matchAll(unions)].map(([, code]) => code) : [];
  return [...found, ...listed].filter((code) => code !== undefined);
}

const sources = ['steps', 'operations', 'entities', 'sheets'].flatMap((room) =>
  readdirSync(join(root, 'lambdas', room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('lambdas', room, name)),
);
const codes = new Set([
  ...Object.keys(problems),
  ...cellErrorCodes,
  ...sources.flatMap(codesOf),
  ...codesOf('lambdas/model/hierarchy.ts'),
]);

test('GIVEN every error code that the sources have WHEN looked up THEN the page explains it', () => {
  expect(codes.size).toBeGreaterThan(60);
  expect([...codes].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
