import { expect, it } from 'vitest';
import { loneSurrogate } from '../../lambdas/runtime/lone-surrogate.ts';

it.each([
  { text: '{"a":"\\ud800"}', found: '\\ud800' },
  { text: '{"a\\uDFFF":1}', found: '\\uDFFF' },
  { text: '["\\ud83d\\ude00\\ud83d"]', found: '\\ud83d' },
  { text: '["\\ude00\\ud83d"]', found: '\\ude00' },
  { text: '["\\ud83d\\ude00", "\u{1F600}", "\\u00e9"]', found: undefined },
  { text: '["C:\\\\ud800", "\\\\\\\\ud800"]', found: undefined },
  { text: '["\\\\\\ud800"]', found: '\\ud800' },
  { text: '', found: undefined },
])('GIVEN $text WHEN it is searched THEN the half character found is $found', ({ text, found }) => {
  expect(loneSurrogate(text)).toBe(found);
});
