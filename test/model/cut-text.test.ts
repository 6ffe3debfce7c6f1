import { describe, expect, test } from 'vitest';
import { cutText } from '../../lambdas/model/cut-text.ts';

describe('the beginning of a text', () => {
  test('GIVEN a text that is short enough THEN it is whole', () => {
    expect(cutText('abc', 3)).toBe('abc');
    expect(cutText('a😀', 3)).toBe('a😀');
  });

  test('GIVEN a longer one THEN it is cut, and never within a character', () => {
    expect(cutText('abcd', 3)).toBe('abc');
    expect(cutText('ab😀', 3)).toBe('ab');
    expect(cutText('a😀b', 3)).toBe('a😀');
  });
});
