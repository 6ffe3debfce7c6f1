import { describe, expect, test } from 'vitest';
import { FirstRows } from '../../lambdas/steps/first-rows.ts';

describe('the first rows of identifiers', () => {
  test('GIVEN a new identifier THEN its row is the first, and every later one is told which that was', () => {
    const rows = new FirstRows();
    expect(rows.claim(['north'], 2)).toBeUndefined();
    expect(rows.claim(['south'], 3)).toBeUndefined();
    expect(rows.claim(['north'], 4)).toEqual({ rowNumber: 2, index: 0 });
    expect(rows.claim(['north'], 5)).toEqual({ rowNumber: 2, index: 0 });
  });

  test('GIVEN several identifiers WHEN one is taken THEN it says which, and none of the others is entered', () => {
    const rows = new FirstRows();
    rows.claim(['ada@example.org', '+1'], 2);
    expect(rows.claim(['eve@example.org', '+1'], 3)).toEqual({ rowNumber: 2, index: 1 });
    expect(rows.claim(['eve@example.org'], 4)).toBeUndefined();
  });

  test('GIVEN one identifier twice in a row THEN the row is the first of it', () => {
    const rows = new FirstRows();
    expect(rows.claim(['same', 'same'], 2)).toBeUndefined();
    expect(rows.claim(['same'], 3)).toEqual({ rowNumber: 2, index: 0 });
  });

  test('GIVEN more identifiers than blocks and index begin with THEN each is found with its own row', () => {
    const rows = new FirstRows();
    const count = 150_000;
    for (let row = 1; row <= count; row++) expect(rows.claim([`id-${row}`], row)).toBeUndefined();
    for (let row = 1; row <= count; row += 7) {
      expect(rows.claim([`id-${row}`], count + row)).toEqual({ rowNumber: row, index: 0 });
    }
    expect(rows.claim(['id-0'], 1)).toBeUndefined();
  });
});
