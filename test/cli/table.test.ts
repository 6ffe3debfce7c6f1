import { describe, expect, it } from 'vitest';
import { table } from '../../cli/table.ts';

describe('GIVEN a table', () => {
  const columns = [{ title: 'row', align: 'right' as const }, { title: 'value', width: 6 }, { title: 'message' }];

  it('WHEN cells are of any length THEN columns stand below each other, cut where they have a width', () => {
    expect(
      table(columns, [
        ['7', 'abcdefgh', 'one'],
        ['1024', '', 'two'],
      ]),
    ).toEqual([' row  value   message', '   7  abcde…  one', '1024          two']);
  });

  it('WHEN the last column is wider than the terminal THEN it is broken at spaces below itself', () => {
    const message = 'this one goes on for a good while, longer than the rest';
    expect(table(columns, [['7', 'a', message]], { indent: 2, terminalWidth: 42 })).toEqual([
      'row  value  message',
      '  7  a      this one goes on for a good',
      '            while, longer than the rest',
    ]);
  });

  it('WHEN cells hold line breaks and control characters THEN they stay on their line and do nothing', () => {
    expect(table([{ title: 'value' }], [['a\r\nb\tc\x1b[2Jd\u202ee']])).toEqual(['value', 'a b c\ufffd[2Jd\ufffde']);
  });
});
