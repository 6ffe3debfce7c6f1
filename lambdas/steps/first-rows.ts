import { hash } from 'node:crypto';
import type { RowError } from '../model/row.ts';

const wordsAHash = 4;
/** The hash, and the number of the row. */
const wordsAnEntry = wordsAHash + 1;
const entriesABlock = 1 << 16;
const startSlots = 1 << 12;

/**
 * Remembers the first row of each identifier in flat memory: 20 bytes each, in blocks that stay where they are, and an
 * index of 5 to 11 bytes each. A million take 28 MB and ten million 270 MB. Identifiers are kept as 128 bits of SHA-256:
 * no two different ones have ever been seen to share them.
 */
export class FirstRows {
  private readonly blocks: Uint32Array[] = [];
  private size = 0;
  /** An entry's number plus one, in the first free slot from where its hash points; 0 is free. */
  private slots = new Uint32Array(startSlots);

  /**
   * The first row with one of these identifiers, and with which; undefined when `rowNumber` now is the first of all of
   * them.
   */
  claim(identifiers: readonly string[], rowNumber: number): { rowNumber: number; index: number } | undefined {
    const keys = identifiers.map(wordsOf);
    for (const [index, key] of keys.entries()) {
      const entry = this.slots[this.slotOf(key)] as number;
      if (entry !== 0) return { rowNumber: this.wordOf(entry - 1, wordsAHash), index };
    }
    for (const key of keys) this.enter(key, rowNumber);
    return undefined;
  }

  private enter(key: Uint32Array, rowNumber: number): void {
    const slot = this.slotOf(key);
    if (this.slots[slot] !== 0) return;
    const at = this.size % entriesABlock;
    if (at === 0) this.blocks.push(new Uint32Array(entriesABlock * wordsAnEntry));
    const block = this.blocks.at(-1) as Uint32Array;
    block.set(key, at * wordsAnEntry);
    block[at * wordsAnEntry + wordsAHash] = rowNumber;
    this.slots[slot] = ++this.size;
    if (this.size > this.slots.length * 0.75) this.widen();
  }

  /** Where the identifier is, or is to be. */
  private slotOf(key: Uint32Array): number {
    const mask = this.slots.length - 1;
    let slot = (key[0] as number) & mask;
    while (this.slots[slot] !== 0 && !this.isAt((this.slots[slot] as number) - 1, key)) slot = (slot + 1) & mask;
    return slot;
  }

  private isAt(entry: number, key: Uint32Array): boolean {
    for (let word = 0; word < wordsAHash; word++) {
      if (this.wordOf(entry, word) !== key[word]) return false;
    }
    return true;
  }

  private wordOf(entry: number, word: number): number {
    const block = this.blocks[Math.floor(entry / entriesABlock)] as Uint32Array;
    return block[(entry % entriesABlock) * wordsAnEntry + word] as number;
  }

  private widen(): void {
    const mask = this.slots.length * 2 - 1;
    this.slots = new Uint32Array(mask + 1);
    for (let entry = 0; entry < this.size; entry++) {
      let slot = this.wordOf(entry, 0) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = entry + 1;
    }
  }
}

/** As a text of bytes: a buffer for each row would lie outside the heap, where garbage stays the longest. */
function wordsOf(uniqueIdentifier: string): Uint32Array {
  const digest = hash('sha256', uniqueIdentifier, 'binary');
  const words = new Uint32Array(wordsAHash);
  for (let byte = 0; byte < wordsAHash * 4; byte++) {
    words[byte >> 2] = ((words[byte >> 2] as number) << 8) | digest.charCodeAt(byte);
  }
  return words;
}

/** Why a row is a duplicate, by the number of the first with its identifier. */
export function duplicateOf(first: number, column?: string): RowError {
  const same = column === undefined ? 'identifier' : column;
  return {
    code: 'duplicate_in_sheet',
    message: `Row ${first} has the same ${same} and was used. Remove one of the two, or give this one an identifier of its own.`,
    ...(column !== undefined && { column }),
  };
}
