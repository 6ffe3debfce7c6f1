import { isAscii, isUtf8 } from 'node:buffer';
import { SheetError } from './sheet-error.ts';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** The encoding of a text, as far as its bytes have told it. */
export interface FoundEncoding {
  name: TextEncoding;
  /** False while nothing but ASCII was seen, which UTF-8 and Windows-1252 read alike: `utf-8` may yet turn into the other. */
  isCertain: boolean;
}

/** The byte order mark as UTF-8 has it. */
export const utf8Bom = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The encoding of a text, judged by its first bytes: byte order mark, then the pattern of NULs, then strict UTF-8, else
 * Windows-1252. `undefined` for what is no text at all. Not certain where the head is nothing but ASCII.
 */
export function detectEncoding(head: Buffer): FoundEncoding | undefined {
  const name = encodingOf(head);
  return name && { name, isCertain: name !== 'utf-8' || !isAscii(head.subarray(0, wholeCharacters(head))) };
}

function encodingOf(head: Buffer): TextEncoding | undefined {
  if (startsWith(head, 0xff, 0xfe, 0, 0) || startsWith(head, 0, 0, 0xfe, 0xff)) {
    throw new SheetError('unsupported_encoding', 'The file is UTF-32 text. Save it as UTF-8 and upload it again.');
  }
  if (head.subarray(0, 3).equals(utf8Bom)) return 'utf-8';
  if (startsWith(head, 0xff, 0xfe)) return 'utf-16le';
  if (startsWith(head, 0xfe, 0xff)) return 'utf-16be';
  if (head.includes(0)) return utf16ByNuls(head);
  if (looksBinary(head)) return undefined;
  return utf8OrWindows1252(head);
}

/** The head of a text as a string without byte order mark; a character cut off at the end of the head is left out. */
export function decodeHead(head: Buffer, encoding: TextEncoding): string {
  return new TextDecoder(encoding).decode(head, { stream: true });
}

/**
 * Which of the two a text is, judged by a part of it. Windows-1252 letters stand alone and are no UTF-8. Where more
 * characters are sound than not, the text is UTF-8 that was damaged, to be refused later with its line, and not to be read
 * as something else that looks wrong everywhere.
 */
export function utf8OrWindows1252(part: Buffer): TextEncoding {
  return isMostlyUtf8(part) ? 'utf-8' : 'windows-1252';
}

function isMostlyUtf8(head: Buffer): boolean {
  const bytes = head.subarray(0, wholeCharacters(head));
  if (isUtf8(bytes)) return true;
  const characters = bytes.toString().match(/[^\0-\x7f]/gu) ?? [];
  const damaged = characters.filter((character) => character === '\ufffd').length;
  return characters.length - damaged > damaged;
}

/** Bytes up to the last character that is complete: a chunk may end in the middle of one. */
export function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function sequenceLength(leadByte: number): number {
  if (leadByte >= 0xf0) return 4;
  return leadByte >= 0xe0 ? 3 : 2;
}

/** Delimiters, digits and line ends leave a NUL in every second byte of UTF-16; NULs on both sides, or few, mean binary data. */
function utf16ByNuls(head: Buffer): TextEncoding | undefined {
  let even = 0;
  let odd = 0;
  for (let at = head.indexOf(0); at !== -1; at = head.indexOf(0, at + 1)) {
    if (at % 2 === 0) even += 1;
    else odd += 1;
  }
  if ((even + odd) * 50 < head.length) return undefined;
  if (odd > even * 20) return 'utf-16le';
  return even > odd * 20 ? 'utf-16be' : undefined;
}

/** More than 2 % control characters besides white space and the DOS end-of-file mark. */
function looksBinary(head: Buffer): boolean {
  let controls = 0;
  for (const byte of head) {
    if (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1a) controls += 1;
  }
  return controls * 50 > head.length;
}

function startsWith(bytes: Buffer, ...expected: number[]): boolean {
  return expected.every((byte, index) => bytes[index] === byte);
}
