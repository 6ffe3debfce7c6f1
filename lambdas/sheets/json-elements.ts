import { maxRecordBytes } from './sheet.ts';
import { SheetError } from './sheet-error.ts';

/** The text of one element and the line on which it starts. */
export interface JsonElement {
  text: string;
  line: number;
}

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Cuts the bytes of a JSON array into the texts of its elements: follows strings and brackets only, and leaves it to
 * JSON.parse to say whether an element is sound. That is several times faster than a parser that takes JSON in pieces, and
 * nothing but one element is ever held.
 */
export class JsonElementSplitter {
  #place: 'before' | 'inside' | 'after' = 'before';
  #depth = 0;
  #inString = false;
  #escaped = false;
  #line = 1;
  #elementLine: number | undefined;
  #count = 0;
  #parts: Buffer[] = [];
  #partsLength = 0;

  /** The elements that end in this piece of the array. @throws SheetError where it is no array of JSON. */
  add(chunk: Buffer): JsonElement[] {
    const elements: JsonElement[] = [];
    let start = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index] as number;
      if (this.#inString) {
        this.#passStringByte(byte);
        continue;
      }
      if (byte <= 0x20) {
        if (byte === lineFeed) this.#line += 1;
        continue;
      }
      if (this.#place !== 'inside') {
        this.#enter(byte);
        start = index + 1;
        continue;
      }
      if (this.#endsElement(byte)) {
        this.#keep(chunk.subarray(start, index));
        const element = this.#takeElement();
        if (element !== undefined) elements.push(element);
        start = index + 1;
      } else {
        this.#elementLine ??= this.#line;
      }
    }
    if (this.#place === 'inside') this.#keep(chunk.subarray(start));
    return elements;
  }

  /** @throws SheetError if the array isn't closed. */
  end(): void {
    if (this.#place === 'after') return;
    throw this.#broken(`the file ends before the array does, in element ${this.#count + 1}`);
  }

  #passStringByte(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) this.#inString = false;
  }

  #enter(byte: number): void {
    if (this.#place === 'after') throw this.#broken('something follows the end of the array');
    if (byte !== openBracket) throw this.#broken('the array has to begin with [');
    this.#place = 'inside';
    this.#depth = 1;
  }

  /** Follows the brackets; true for the comma or bracket that ends an element of the array itself. */
  #endsElement(byte: number): boolean {
    if (byte === quote) this.#inString = true;
    else if (byte === openBracket || byte === openBrace) this.#depth += 1;
    else if (byte === comma) return this.#depth === 1;
    else if (byte === closeBracket || byte === closeBrace) {
      this.#depth -= 1;
      if (this.#depth > 0) return false;
      if (byte === closeBrace) throw this.#broken(`element ${this.#count + 1} closes with } what was opened with [`);
      this.#place = 'after';
      return true;
    }
    return false;
  }

  #keep(part: Buffer): void {
    this.#parts.push(part);
    this.#partsLength += part.length;
    if (this.#partsLength <= maxRecordBytes) return;
    throw elementTooLarge(this.#count + 1, this.#elementLine ?? this.#line);
  }

  #takeElement(): JsonElement | undefined {
    const line = this.#elementLine;
    const [first] = this.#parts;
    const text = this.#parts.length === 1 && first ? first.toString() : Buffer.concat(this.#parts).toString();
    this.#parts = [];
    this.#partsLength = 0;
    this.#elementLine = undefined;
    if (line === undefined) {
      if (this.#place === 'after' && this.#count === 0) return undefined;
      throw this.#broken(`there is a comma too many at element ${this.#count + 1}`);
    }
    this.#count += 1;
    return { text, line };
  }

  #broken(reason: string): SheetError {
    return new SheetError('broken_json', `Line ${this.#line} is no JSON: ${reason}.`, {
      line: this.#line,
      rowNumber: this.#count + 1,
    });
  }
}

export function elementTooLarge(rowNumber: number, line: number): SheetError {
  return new SheetError('record_too_large', `Element ${rowNumber}, on line ${line}, has more than 1 MiB.`, {
    rowNumber,
    line,
  });
}
