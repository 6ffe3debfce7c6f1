/** Comparisons for one sheet in all: some seconds at most. Afterwards unknown identifiers are told without suggestions. */
const mostComparisons = 5_000_000;
const mostSuggestions = 3;
/** Identifiers whose suggestions are remembered; a sheet repeats its mistakes. */
const mostRemembered = 10_000;

/**
 * Finds what somebody may have meant who wrote an identifier that there is not: the nearest by inserted, deleted, replaced
 * and swapped characters, whatever the case. The same identifiers in any order give the same answers.
 */
export class NearestIdentifiers {
  private readonly identifiers: readonly string[];
  private readonly folded: readonly string[];
  /** Which characters an identifier has, folded into 32 bits: far apart there is far apart. */
  private readonly characters: Uint32Array;
  private readonly remembered = new Map<string, readonly string[]>();
  private comparisonsLeft = mostComparisons;

  constructor(identifiers: readonly string[]) {
    this.identifiers = identifiers;
    this.folded = identifiers.map((identifier) => identifier.toLowerCase());
    this.characters = Uint32Array.from(this.folded, charactersOf);
  }

  /** At most three, the nearest first; none when nothing is near. */
  to(identifier: string): readonly string[] {
    const remembered = this.remembered.get(identifier);
    if (remembered) return remembered;
    if (this.comparisonsLeft < this.identifiers.length) return [];
    this.comparisonsLeft -= this.identifiers.length;
    const found = this.search(identifier.toLowerCase());
    if (this.remembered.size < mostRemembered) this.remembered.set(identifier, found);
    return found;
  }

  private search(wanted: string): string[] {
    const limit = editsAllowed(wanted.length);
    const characters = charactersOf(wanted);
    const near: { identifier: string; edits: number }[] = [];
    for (let index = 0; index < this.folded.length; index++) {
      const candidate = this.folded[index] as string;
      if (Math.abs(candidate.length - wanted.length) > limit) continue;
      if (differingCharacters(characters, this.characters[index] as number) > limit) continue;
      const edits = editsBetween(wanted, candidate, limit);
      if (edits <= limit) near.push({ identifier: this.identifiers[index] as string, edits });
    }
    near.sort((a, b) => a.edits - b.edits || (a.identifier < b.identifier ? -1 : 1));
    return near.slice(0, mostSuggestions).map(({ identifier }) => identifier);
  }
}

/** A slip or two, not another word. */
function editsAllowed(length: number): number {
  if (length <= 4) return 1;
  return length <= 10 ? 2 : 3;
}

function charactersOf(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits |= 1 << (text.charCodeAt(i) & 31);
  return bits >>> 0;
}

/** Characters that one has and the other lacks: each edit brings or takes one at most. */
function differingCharacters(a: number, b: number): number {
  return Math.max(bitsOf(a & ~b), bitsOf(b & ~a));
}

function bitsOf(word: number): number {
  let bits = 0;
  for (let left = word; left !== 0; left &= left - 1) bits += 1;
  return bits;
}

/**
 * Edits that make one text the other, a swap of neighbours counting once (optimal string alignment); any number above
 * `limit` when there are more. What both begin and end with is left out, since codes of one hierarchy share much.
 */
export function editsBetween(a: string, b: string, limit: number): number {
  let start = 0;
  while (start < a.length && start < b.length && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let [endOfA, endOfB] = [a.length, b.length];
  while (endOfA > start && endOfB > start && a.charCodeAt(endOfA - 1) === b.charCodeAt(endOfB - 1)) {
    endOfA -= 1;
    endOfB -= 1;
  }
  const [rows, columns] = [endOfA - start, endOfB - start];
  if (Math.abs(rows - columns) > limit) return limit + 1;
  if (rows === 0 || columns === 0) return Math.max(rows, columns);
  return alignment(a.slice(start, endOfA), b.slice(start, endOfB), limit);
}

/** Three rows of the table of edits at a time, and of them only the cells within `limit` of its diagonal. */
function alignment(a: string, b: string, limit: number): number {
  const beyond = limit + 1;
  const width = b.length + 1;
  let before = new Uint8Array(width).fill(beyond);
  let above = Uint8Array.from({ length: width }, (_, column) => Math.min(column, beyond));
  let current = new Uint8Array(width);
  for (let row = 1; row <= a.length; row++) {
    current.fill(beyond);
    current[0] = Math.min(row, beyond);
    let least = current[0];
    for (let column = Math.max(1, row - limit); column <= Math.min(b.length, row + limit); column++) {
      const same = a.charCodeAt(row - 1) === b.charCodeAt(column - 1);
      let edits = (above[column - 1] as number) + (same ? 0 : 1);
      edits = Math.min(edits, (above[column] as number) + 1, (current[column - 1] as number) + 1, beyond);
      if (row > 1 && column > 1 && isSwap(a, row, b, column))
        edits = Math.min(edits, (before[column - 2] as number) + 1);
      current[column] = edits;
      least = Math.min(least, edits);
    }
    if (least > limit) return beyond;
    [before, above, current] = [above, current, before];
  }
  return above[b.length] as number;
}

function isSwap(a: string, row: number, b: string, column: number): boolean {
  return a.charCodeAt(row - 1) === b.charCodeAt(column - 2) && a.charCodeAt(row - 2) === b.charCodeAt(column - 1);
}

/** The suggestions as the end of a sentence's neighbour, e.g. ` Did you mean A, B or C?`; empty when there are none. */
export function didYouMean(suggestions: readonly string[]): string {
  const [last, ...others] = [...suggestions].reverse();
  if (last === undefined) return '';
  return ` Did you mean ${others.length > 0 ? `${others.reverse().join(', ')} or ` : ''}${last}?`;
}
