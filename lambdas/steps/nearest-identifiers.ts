import { editsBetween } from '../model/edits.ts';

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
