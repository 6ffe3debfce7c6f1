import type { SheetLimits } from '../sheet.ts';
import { SheetError } from '../sheet-error.ts';
import { RichText } from './rich-text.ts';
import { readXml, spreadsheetNamespaces } from './xml-part.ts';
import type { ZipArchive } from './zip-archive.ts';

/**
 * The table of strings that cells refer to by number. It has to be in memory as a whole, so it is held as UTF-8 in one
 * buffer: strings of their own would take twice as much, and would keep alive the pieces of XML they were cut from.
 */
export class SharedStrings {
  readonly #text: Buffer;
  #ends = new Uint32Array(1024);
  #count = 0;

  /** @param capacity at least the bytes of all strings together. Memory is taken up only as far as it is filled. */
  constructor(capacity: number) {
    this.#text = Buffer.allocUnsafeSlow(capacity);
  }

  add(text: string): void {
    if (this.#count === this.#ends.length) this.#grow();
    const start = this.#startOf(this.#count);
    this.#ends[this.#count] = start + this.#text.write(text, start);
    this.#count += 1;
  }

  get(index: number): string | undefined {
    if (!(index >= 0 && index < this.#count)) return undefined;
    return this.#text.toString('utf8', this.#startOf(index), this.#ends[index]);
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] as number);
  }

  #grow(): void {
    const ends = new Uint32Array(this.#ends.length * 2);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}

/** @throws SheetError when they would take more memory than allowed. */
export async function readSharedStrings(
  archive: ZipArchive,
  part: string | undefined,
  limits: SheetLimits,
): Promise<SharedStrings> {
  if (part === undefined || !archive.has(part)) return new SharedStrings(0);
  const size = archive.sizeOf(part);
  if (size > limits.sharedStringsBytes) {
    throw new SheetError(
      'too_large_uncompressed',
      `The shared texts of the workbook take ${size} bytes; at most ${limits.sharedStringsBytes} are possible. Save the sheet as CSV, or split it.`,
    );
  }
  // The XML of a string is never shorter than the string.
  const strings = new SharedStrings(size);
  const text = new RichText();
  await readXml(part, archive.read(part), spreadsheetNamespaces, {
    open: (name) => (name === 'si' ? text.start() : text.open(name)),
    close: (name) => (name === 'si' ? strings.add(text.end()) : text.close(name)),
    text: (piece) => text.add(piece),
  });
  return strings;
}
