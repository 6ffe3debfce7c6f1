import { describe, expect, test } from 'vitest';
import { LineBuffer } from '../../lambdas/steps/line-buffer.ts';

describe('a buffer of lines', () => {
  test('GIVEN lines of one to four bytes a character THEN they are UTF-8, each with its end', () => {
    const lines = ['plain', 'é', '漢字', '😀', ''];
    const buffer = new LineBuffer();
    for (const line of lines) buffer.add(line);
    const text = `${lines.join('\n')}\n`;
    expect(buffer.text.toString()).toBe(text);
    expect(buffer.size).toBe(Buffer.byteLength(text));
  });

  test('GIVEN more than it began with THEN nothing is lost or cut', () => {
    const buffer = new LineBuffer();
    const lines = Array.from({ length: 40 }, (_, index) => String(index).repeat(60_000));
    for (const line of lines) buffer.add(line);
    expect(buffer.text.equals(Buffer.from(`${lines.join('\n')}\n`))).toBe(true);
  });

  test('GIVEN one line longer than all of it, of wide characters THEN it is whole', () => {
    const buffer = new LineBuffer();
    const line = '漢'.repeat(3_000_000);
    buffer.add(line);
    expect(buffer.text.toString()).toBe(`${line}\n`);
  });

  test('WHEN it is cleared THEN it begins again', () => {
    const buffer = new LineBuffer();
    buffer.add('before');
    buffer.clear();
    expect(buffer.size).toBe(0);
    buffer.add('after');
    expect(buffer.text.toString()).toBe('after\n');
  });
});
