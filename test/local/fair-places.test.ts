import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createFairPlaces, type FairPlaces } from '../../local/functions/fair-places.ts';

/** Lets them all ask for a place in this order; answers with who has one, as they get them. */
function ask(places: FairPlaces, ...names: string[]): string[] {
  const working: string[] = [];
  for (const name of names) {
    // The group is the letter that the name begins with.
    const waiting = places.take(name.charAt(0), () => true);
    if (waiting) void waiting.then(() => working.push(name));
    else working.push(name);
  }
  return working;
}

async function leave(places: FairPlaces, group: string): Promise<void> {
  places.leave(group);
  places.offer();
  await turn();
}

describe('places to work at', () => {
  test('GIVEN one group WHEN it asks for more than there are THEN the rest waits, the first first', async () => {
    const places = createFairPlaces(2, 1);
    const working = ask(places, 'a1', 'a2', 'a3', 'a4');
    expect(working).toEqual(['a1', 'a2']);
    await leave(places, 'a');
    expect(working).toEqual(['a1', 'a2', 'a3']);
  });

  test('GIVEN a group that has all places WHEN others come THEN each begins at once, as far as the spare ones go', () => {
    const places = createFairPlaces(4, 2);
    expect(ask(places, 'a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'c1', 'd1')).toEqual([
      'a1',
      'a2',
      'a3',
      'a4',
      'b1',
      'c1',
    ]);
  });

  test('GIVEN many of one group waiting WHEN a place is left THEN a group with fewer at work comes before them', async () => {
    const places = createFairPlaces(2, 1);
    const working = ask(places, 'a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1');
    expect(working).toEqual(['a1', 'a2', 'b1']);
    await leave(places, 'a');
    expect(working).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  test('GIVEN somebody who may not work yet WHEN places are free THEN others go first, and they when they may', async () => {
    const places = createFairPlaces(1, 1);
    let ready = false;
    const held = places.take('a', () => ready);
    expect(ask(places, 'b1')).toEqual(['b1']);
    ready = true;
    await leave(places, 'b');
    await expect(held).resolves.toBeUndefined();
  });
});
