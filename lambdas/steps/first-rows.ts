import { hash } from 'node:crypto';
import type { RowError } from '../model/row.ts';

const wordsAHash = 4;
const startCapacity = 1 << 12;

/**
 * Remembers the first row of each identifier in flat memory: 20 bytes a slot, half of them filled at most, so ten
 * million identifiers take 670 MB at the worst and one million 84 MB. Identifiers are kept as 128 bits of SHA-256: no
 * two different ones have ever been seen to share them.
 */
export class FirstRows {
  private capacity = startCapacity;
  private hashes = new Uint32Array(startCapacity * wordsAHash);
  /** 0 marks an empty slot: row numbers start at 1. */
  private rows = new Uint32Array(startCapacity);
  private size = 0;

  /**
   * The first row with one of these identifiers, and with which; undefined when `rowNumber` now is the first of all of
   * them.
   */
  claim(identifiers: readonly string[], rowNumber: number): { rowNumber: number; index: number } | undefined {
    const keys = identifiers.map(wordsOf);
    for (const [index, key] of keys.entries()) {
      const first = this.rows[this.slotOf(key, 0)] as number;
      if (first !== 0) return { rowNumber: first, index };
    }
    for (const key of keys) {
      this.fill(this.slotOf(key, 0), key, 0, rowNumber);
      if (++this.size * 2 > this.capacity) this.grow();
    }
    return undefined;
  }

  private slotOf(words: Uint32Array, at: number): number {
    const mask = this.capacity - 1;
    let slot = (words[at] as number) & mask;
    while (this.rows[slot] !== 0 && !this.holds(slot, words, at)) slot = (slot + 1) & mask;
    return slot;
  }

  private holds(slot: number, words: Uint32Array, at: number): boolean {
    for (let i = 0; i < wordsAHash; i++) {
      if (this.hashes[slot * wordsAHash + i] !== words[at + i]) return false;
    }
    return true;
  }

  private fill(slot: number, words: Uint32Array, at: number, rowNumber: number): void {
    this.hashes.set(words.subarray(at, at + wordsAHash), slot * wordsAHash);
    this.rows[slot] = rowNumber;
  }

  private grow(): void {
    const { hashes, rows } = this;
    this.capacity *= 2;
    this.hashes = new Uint32Array(this.capacity * wordsAHash);
    this.rows = new Uint32Array(this.capacity);
    for (let old = 0; old < rows.length; old++) {
      const rowNumber = rows[old] as number;
      if (rowNumber !== 0) this.fill(this.slotOf(hashes, old * wordsAHash), hashes, old * wordsAHash, rowNumber);
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
