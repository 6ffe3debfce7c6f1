import { describe, expect, test } from 'vitest';
import { cutText, shortened } from '../../lambdas/model/cut-text.ts';

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

describe('a text in a message', () => {
  test('GIVEN one that fits THEN it is whole; GIVEN a longer one THEN it says that it goes on', () => {
    expect(shortened('abc', 3)).toBe('abc');
    expect(shortened('abcd', 3)).toBe('ab…');
    expect(shortened('a😀bc', 3)).toBe('a…');
  });
});
