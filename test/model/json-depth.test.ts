import { expect, test } from 'vitest';
import { jsonDepth } from '../../lambdas/model/json-depth.ts';

test.each([
  ['1', 0],
  ['{}', 1],
  ['{"a":[1,{"b":[]}]}', 4],
  ['[[],[[]],[]]', 3],
  ['"[[[["', 0],
  ['{"a\\"[[":"\\\\","b":[]}', 2],
  ['['.repeat(1_000_000), 1_000_000],
])('GIVEN %.40s WHEN measured THEN %d', (text, depth) => expect(jsonDepth(text)).toBe(depth));
