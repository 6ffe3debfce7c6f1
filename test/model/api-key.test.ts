import { describe, expect, test } from 'vitest';
import { formatApiKey, hashSecret, newApiKey, parseApiKey, secretMatches } from '../../lambdas/model/api-key.ts';

describe('API keys', () => {
  test('GIVEN a new key WHEN written and read THEN it is the same, and no other is', () => {
    const key = newApiKey('k7');
    expect(parseApiKey(formatApiKey(key))).toEqual(key);
    expect(newApiKey('k7').secret).not.toBe(key.secret);
  });

  test('GIVEN a bare secret, as Secrets Manager makes it WHEN read THEN it is the first administrator’s', () => {
    const secret = 'aB3'.repeat(16);
    expect(parseApiKey(secret)).toEqual({ keyId: 'admin', secret });
  });

  test.each([
    '',
    'rk_',
    'rk__secretsecretsecret',
    'rk_k1_short',
    'rk_k#1_0123456789abcdef',
    'Bearer 0123',
    `rk_k1_${'x'.repeat(129)}`,
  ])('GIVEN %j WHEN read THEN it is no key', (text) => expect(parseApiKey(text)).toBeUndefined());

  test('GIVEN a kept hash WHEN compared THEN only its own secret matches', () => {
    const kept = hashSecret('0123456789abcdef');
    expect(secretMatches('0123456789abcdef', kept)).toBe(true);
    expect(secretMatches('0123456789abcdeF', kept)).toBe(false);
    expect(secretMatches('0123456789abcdef', '')).toBe(false);
  });
});
