import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hierarchyLevels } from '../../lambdas/model/hierarchy.ts';
import { Hierarchy, type Place } from '../../lambdas/steps/hierarchy.ts';

/** Rows as `identifier: parent`, numbered from 2 in the order given. */
function hierarchyOf(rows: Record<string, string>): Hierarchy {
  const hierarchy = new Hierarchy();
  Object.entries(rows).forEach(([identifier, parent], index) => {
    hierarchy.add(identifier, parent, index + 2);
  });
  return hierarchy;
}

function placesOf(rows: Record<string, string>, known: Record<string, number> = {}): Record<string, Place> {
  const hierarchy = hierarchyOf(rows);
  hierarchy.place((identifier) => known[identifier]);
  return Object.fromEntries(Object.keys(rows).map((identifier) => [identifier, hierarchy.placeOf(identifier)]));
}

describe('GIVEN rows in any order', () => {
  it('WHEN children come before their parents THEN each stands one level below its parent', () => {
    expect(placesOf({ village: 'district', country: '', district: 'country', other: '' })).toEqual({
      village: { level: 2 },
      country: { level: 0 },
      district: { level: 1 },
      other: { level: 0 },
    });
  });

  it('WHEN a parent is no row but exists THEN its children are counted from its level', () => {
    expect(placesOf({ village: 'district', hamlet: 'village' }, { district: 3 })).toEqual({
      village: { level: 4 },
      hamlet: { level: 5 },
    });
  });

  it('WHEN a parent neither is a row nor exists THEN the row misses it, and rows below do not', () => {
    expect(placesOf({ village: 'district', hamlet: 'village' })).toEqual({
      village: { kind: 'missing' },
      hamlet: { level: 1 },
    });
  });

  it('WHEN a parent is an invalid row THEN it is not missing, nor asked for elsewhere', () => {
    const hierarchy = hierarchyOf({ village: 'district', town: 'province' });
    hierarchy.mention('district');
    expect(hierarchy.outside()).toEqual(['province']);
    hierarchy.place(() => undefined);
    expect(hierarchy.placeOf('village')).toEqual({ level: 0 });
    expect(hierarchy.placeOf('town')).toEqual({ kind: 'missing' });
  });

  it('WHEN a row is its own parent THEN it is told so, not called a circle', () => {
    expect(placesOf({ a: 'a', b: 'a' })).toEqual({ a: { kind: 'self' }, b: { level: 1 } });
  });

  it('WHEN parents go round THEN each row in the circle sees the whole way from itself, and those who hang on it do not', () => {
    const step = { a: { identifier: 'a', rowNumber: 2 }, b: { identifier: 'b', rowNumber: 3 } };
    const c = { identifier: 'c', rowNumber: 4 };
    expect(placesOf({ a: 'b', b: 'c', c: 'a', below: 'b' })).toEqual({
      a: { kind: 'cycle', steps: [step.a, step.b, c], length: 3 },
      b: { kind: 'cycle', steps: [step.b, c, step.a], length: 3 },
      c: { kind: 'cycle', steps: [c, step.a, step.b], length: 3 },
      below: { level: 1 },
    });
  });

  it('WHEN a chain is longer than a hierarchy may be deep THEN the rows beyond are too deep', () => {
    const chain = Object.fromEntries(
      Array.from({ length: hierarchyLevels + 2 }, (_, index) => [`n${index}`, index === 0 ? '' : `n${index - 1}`]),
    );
    const places = placesOf(chain);
    expect(places[`n${hierarchyLevels - 1}`]).toEqual({ level: hierarchyLevels - 1 });
    expect(places[`n${hierarchyLevels}`]).toEqual({ kind: 'too_deep' });
    expect(places[`n${hierarchyLevels + 1}`]).toEqual({ kind: 'too_deep' });
    expect(placesOf({ child: 'deepest' }, { deepest: hierarchyLevels - 1 }).child).toEqual({ kind: 'too_deep' });
  });

  it.each([
    ['a chain, the deepest first', (index: number, count: number) => (index + 1 < count ? index + 1 : undefined)],
    ['a chain, the root first', (index: number) => (index > 0 ? index - 1 : undefined)],
    ['one circle', (index: number, count: number) => (index + 1) % count],
  ])('WHEN 200,000 rows are %s THEN they are placed without a deep stack', (_, parentOf) => {
    const count = 200_000;
    const hierarchy = new Hierarchy();
    for (let index = 0; index < count; index++) {
      const parent = parentOf(index, count);
      hierarchy.add(`n${index}`, parent === undefined ? '' : `n${parent}`, index + 2);
    }
    hierarchy.place(() => undefined);
    const place = hierarchy.placeOf('n100000');
    expect('kind' in place && place.kind).toBe(parentOf(count - 1, count) === 0 ? 'cycle' : 'too_deep');
  });
});

describe('GIVEN any rows and any parents', () => {
  const identifier = fc.nat({ max: 14 }).map((number) => `n${number}`);
  const parent = fc.oneof(
    fc.constant(''),
    fc.nat({ max: 18 }).map((number) => `n${number}`),
  );
  const rows = fc.uniqueArray(fc.record({ identifier, parent }), { selector: (row) => row.identifier, maxLength: 15 });
  const known = fc.dictionary(
    fc.nat({ max: 4 }).map((number) => `n${number + 15}`),
    fc.nat({ max: 40 }),
    { maxKeys: 3 },
  );

  it('WHEN they are placed THEN a model that looks at one row at a time says the same', () => {
    fc.assert(
      fc.property(rows, known, (given, levels) => {
        const parents = Object.fromEntries(given.map((row) => [row.identifier, row.parent]));
        expect(kindsOf(placesOf(parents, levels))).toEqual(modelOf(parents, levels));
      }),
    );
  });

  it('WHEN they come in another order THEN they stand where they stood', () => {
    const shuffled = rows.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    );
    fc.assert(
      fc.property(shuffled, known, ([given, others], levels) => {
        const [first, second] = [given, others].map((order) =>
          kindsOf(placesOf(Object.fromEntries(order.map((row) => [row.identifier, row.parent])), levels)),
        );
        expect(second).toEqual(first);
      }),
    );
  });

  /** Each place in a word or a number. */
  function kindsOf(places: Record<string, Place>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(places).map(([row, place]) => {
        if ('level' in place) return [row, place.level];
        return [row, place.kind === 'cycle' ? place.steps.map((step) => step.identifier) : place.kind];
      }),
    );
  }

  /** Walks up from every row anew, remembering nothing. */
  function modelOf(parents: Record<string, string>, known: Record<string, number>): Record<string, unknown> {
    return Object.fromEntries(Object.keys(parents).map((row) => [row, modelPlace(row, parents, known)]));
  }

  function modelPlace(row: string, parents: Record<string, string>, known: Record<string, number>): unknown {
    const parent = parents[row] as string;
    if (parent === row) return 'self';
    const circle = circleOf(row, parents);
    if (circle) return circle;
    if (parent !== '' && !(parent in parents) && !(parent in known)) return 'missing';
    const level = modelLevel(row, parents, known);
    return level < hierarchyLevels ? level : 'too_deep';
  }

  /** Rows that stand in a circle, or below what does not exist, count as roots. */
  function modelLevel(row: string, parents: Record<string, string>, known: Record<string, number>): number {
    const parent = parents[row] as string;
    if (parent === '' || parent === row || circleOf(row, parents)) return 0;
    if (parent in parents) return modelLevel(parent, parents, known) + 1;
    return (known[parent] ?? -1) + 1;
  }

  /** The way from the row up to itself, if there is one. */
  function circleOf(row: string, parents: Record<string, string>): string[] | undefined {
    const way = [row];
    for (let next = parents[row]; way.length <= 15; next = parents[next]) {
      if (next === row) return way;
      if (next === undefined) return undefined;
      way.push(next);
    }
    return undefined;
  }
});
