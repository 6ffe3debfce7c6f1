/**
 * Who may work next, where only so many may at a time: whoever belongs to the group that has the fewest at work. So an
 * execution whose Map keeps all places busy does not keep another one waiting that takes one step after the other.
 */

export interface FairPlaces {
  /** Whether somebody of this group would get a place at once. */
  hasRoom(group: string): boolean;
  /** Takes a place; undefined when there is one at once. `ready` says whether nothing else stands in the way. */
  take(group: string, ready: () => boolean): Promise<void> | undefined;
  leave(group: string): void;
  /** Gives the places that are free to those who wait and are ready. */
  offer(): void;
}

interface Waiting {
  group: string;
  ready(): boolean;
  start(): void;
}

/**
 * @param spare places beyond the others for groups that have nobody at work: they need not even wait until one of a long
 * task is free
 */
export function createFairPlaces(places: number, spare: number): FairPlaces {
  const atWork = new Map<string, number>();
  const waiting: Waiting[] = [];
  let taken = 0;

  const countOf = (group: string): number => atWork.get(group) ?? 0;

  function hasRoom(group: string): boolean {
    return taken < places + (countOf(group) === 0 ? spare : 0);
  }

  function enter(group: string): void {
    taken++;
    atWork.set(group, countOf(group) + 1);
  }

  function exit(group: string): void {
    taken--;
    if (countOf(group) > 1) atWork.set(group, countOf(group) - 1);
    else atWork.delete(group);
  }

  /** The one of the group with the fewest at work who came first. */
  function takeNext(): Waiting | undefined {
    let next: number | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [index, { group, ready }] of waiting.entries()) {
      if (countOf(group) >= fewest || !hasRoom(group) || !ready()) continue;
      [next, fewest] = [index, countOf(group)];
      if (fewest === 0) break;
    }
    return next === undefined ? undefined : waiting.splice(next, 1)[0];
  }

  return {
    hasRoom,
    take(group, ready) {
      if (!hasRoom(group) || !ready()) return new Promise<void>((start) => waiting.push({ group, ready, start }));
      enter(group);
      return undefined;
    },
    leave: exit,
    offer() {
      for (let next = takeNext(); next; next = takeNext()) {
        enter(next.group);
        next.start();
      }
    },
  };
}
