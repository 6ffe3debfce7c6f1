import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editsBetween } from '../../lambdas/model/edits.ts';
import { NearestIdentifiers } from '../../lambdas/steps/nearest-identifiers.ts';

const codes = ['MRV', 'MRV-NOR', 'MRV-NOR-KEL', 'MRV-NOR-KEL-AMB', 'MRV-SOU', 'mrv-eas'];

describe('GIVEN the identifiers that there are', () => {
  it.each([
    ['MRV-NRO', ['MRV-NOR']],
    ['MRV-NOR-KEL-AMP', ['MRV-NOR-KEL-AMB']],
    ['mrv-nor', ['MRV-NOR', 'MRV-SOU']],
    ['MRVEAS', ['mrv-eas']],
    ['MRV ', ['MRV']],
    ['SOMETHING-ELSE', []],
    ['X', []],
  ])('WHEN somebody writes %j THEN %j is near', (written, near) => {
    expect(new NearestIdentifiers(codes).to(written).slice(0, Math.max(near.length, 1))).toEqual(near);
  });

  it('WHEN many are as near THEN three are told, the same in whatever order they are', () => {
    const many = Array.from({ length: 9 }, (_, index) => `CODE-${index}`);
    expect(new NearestIdentifiers(many).to('CODE-X')).toEqual(['CODE-0', 'CODE-1', 'CODE-2']);
    expect(new NearestIdentifiers(many.toReversed()).to('CODE-X')).toEqual(['CODE-0', 'CODE-1', 'CODE-2']);
  });

  it('WHEN a sheet is full of unknown ones THEN looking stops at some point, but not for those that were met', () => {
    const many = Array.from({ length: 1_000_000 }, (_, index) => `N${index}`);
    const nearest = new NearestIdentifiers(many);
    const found = Array.from({ length: 8 }, (_, index) => nearest.to(`N${index}X`).length > 0);
    expect(found).toEqual([true, true, true, true, true, false, false, false]);
    expect(nearest.to('N0X').length).toBeGreaterThan(0);
  });
});

describe('GIVEN any two texts', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 12 });

  it('WHEN their edits are counted within a limit THEN a whole table says the same', () => {
    fc.assert(
      fc.property(text, text, fc.nat({ max: 4 }), (a, b, limit) => {
        const edits = wholeTable(a, b);
        if (edits <= limit) expect(editsBetween(a, b, limit)).toBe(edits);
        else expect(editsBetween(a, b, limit)).toBeGreaterThan(limit);
      }),
      { numRuns: 2_000 },
    );
  });

  it('WHEN one is looked for among others THEN the nearest is found by looking at each', () => {
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 1, maxLength: 12 }), text, (identifiers, written) => {
        const allowed = written.length <= 4 ? 1 : written.length <= 10 ? 2 : 3;
        const least = Math.min(...identifiers.map((identifier) => wholeTable(identifier, written)));
        const [first] = new NearestIdentifiers(identifiers).to(written);
        expect(first === undefined ? undefined : wholeTable(first, written)).toBe(least <= allowed ? least : undefined);
      }),
    );
  });

  function wholeTable(a: string, b: string): number {
    const table = Array.from({ length: a.length + 1 }, (_, row) =>
      Array.from({ length: b.length + 1 }, (_, column) => (row === 0 ? column : column === 0 ? row : 0)),
    );
    const at = (row: number, column: number) => table[row]?.[column] ?? 0;
    for (let row = 1; row <= a.length; row++) {
      for (let column = 1; column <= b.length; column++) {
        const edits = [
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1),
        ];
        if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
          edits.push(at(row - 2, column - 2) + 1);
        (table[row] as number[])[column] = Math.min(...edits);
      }
    }
    return at(a.length, b.length);
  }
});

it.each([
  [[], ''],
  [['A'], ' Did you mean A?'],
  [['A', 'B'], ' Did you mean A or B?'],
  [['A', 'B', 'C'], ' Did you mean A, B or C?'],
])('GIVEN the suggestions %j WHEN told THEN it reads as a sentence', (suggestions, sentence) => {
  expect(didYouMean(suggestions)).toBe(sentence);
});
