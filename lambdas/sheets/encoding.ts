import { isUtf8 } from 'node:buffer';
import { SheetError } from './sheet-error.ts';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

const utf8Bom = Buffer.from([0xef, 0xbb, 0xbf]);
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The encoding of a text, judged by its first bytes: byte order mark, then the pattern of NULs, then strict UTF-8, else
 * Windows-1252. `undefined` for what is no text at all.
 */
export function detectEncoding(head: Buffer): TextEncoding | undefined {
  if (startsWith(head, 0xff, 0xfe, 0, 0) || startsWith(head, 0, 0, 0xfe, 0xff)) {
    throw new SheetError('unsupported_encoding', 'The file is UTF-32 text. Save it as UTF-8 and upload it again.');
  }
  if (head.subarray(0, 3).equals(utf8Bom)) return 'utf-8';
  if (startsWith(head, 0xff, 0xfe)) return 'utf-16le';
  if (startsWith(head, 0xfe, 0xff)) return 'utf-16be';
  if (head.includes(0)) return utf16ByNuls(head);
  if (looksBinary(head)) return undefined;
  return isMostlyUtf8(head) ? 'utf-8' : 'windows-1252';
}

/** The head of a text as a string without byte order mark; a character cut off at the end of the head is left out. */
export function decodeHead(head: Buffer, encoding: TextEncoding): string {
  return new TextDecoder(encoding).decode(head, { stream: true });
}

/**
 * The text as UTF-8 without byte order mark, in pieces of at most 64 KiB of input. Strict: a byte that is no text in the
 * encoding is an error that names the line, never a replacement character. `lines` counts what was given out.
 */
export function toUtf8(
  chunks: AsyncIterable<Buffer>,
  encoding: TextEncoding,
  lines: LineCounter,
): AsyncGenerator<Buffer> {
  const bytes = pieces(chunks);
  if (encoding === 'utf-8') return checkedUtf8(bytes, lines);
  return encoding === 'windows-1252' ? fromWindows1252(bytes, lines) : checkedUtf16(bytes, encoding, lines);
}

/** Counts line ends (LF, CR LF, CR) over consecutive buffers. */
export class LineCounter {
  /** 1-based line of the next byte. */
  line = 1;
  #last = 0;

  /** 1-based line of the last byte: a line end belongs to the line it ends. */
  get lastLine(): number {
    return this.#last === lineFeed || this.#last === carriageReturn ? this.line - 1 : this.line;
  }

  add(bytes: Uint8Array): void {
    let last = this.#last;
    let lines = 0;
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index] as number;
      if (byte === carriageReturn || (byte === lineFeed && last !== carriageReturn)) lines += 1;
      last = byte;
    }
    this.line += lines;
    this.#last = last;
  }
}

/** A source may hand out buffers of any size; the bounds on one record are checked between pieces, so pieces are small. */
async function* pieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const size = 64 * 1024;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += size) yield chunk.subarray(start, start + size);
  }
}

async function* checkedUtf8(chunks: AsyncIterable<Buffer>, lines: LineCounter): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  for await (const chunk of chunks) {
    let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    if (first && bytes.length < utf8Bom.length) {
      rest = bytes;
      continue;
    }
    if (first && bytes.subarray(0, 3).equals(utf8Bom)) bytes = bytes.subarray(3);
    first = false;
    const end = wholeCharacters(bytes);
    yield checked(bytes.subarray(0, end), lines);
    rest = bytes.subarray(end);
  }
  if (rest.length > 0) yield checked(rest, lines);
}

function checked(bytes: Buffer, lines: LineCounter): Buffer {
  if (!isUtf8(bytes)) throw invalidText('UTF-8', firstInvalidLine(bytes, lines));
  lines.add(bytes);
  return bytes;
}

/** Cuts after every LF until a piece isn't UTF-8: the byte for LF is never part of another character. */
function firstInvalidLine(bytes: Buffer, lines: LineCounter): number {
  for (let start = 0; start < bytes.length; ) {
    const lineEnd = bytes.indexOf(lineFeed, start);
    const end = lineEnd === -1 ? bytes.length : lineEnd + 1;
    const line = bytes.subarray(start, end);
    if (!isUtf8(line)) break;
    lines.add(line);
    start = end;
  }
  return lines.line;
}

async function* checkedUtf16(
  chunks: AsyncIterable<Buffer>,
  encoding: 'utf-16le' | 'utf-16be',
  lines: LineCounter,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = wholeUtf16(bytes, encoding);
    const text = bytes.subarray(0, end);
    rest = Buffer.from(bytes.subarray(end));
    if (encoding === 'utf-16be') text.swap16();
    const checked = utf16Text(text, lines);
    yield Buffer.from(first && checked.startsWith('\ufeff') ? checked.slice(1) : checked);
    first &&= end === 0;
  }
  if (rest.length > 0) throw invalidText('UTF-16', lines.line);
}

function utf16Text(bytes: Buffer, lines: LineCounter): string {
  const text = bytes.toString('utf16le');
  const sound = text.isWellFormed() ? text.length : text.search(/\p{Surrogate}/u);
  lines.add(Buffer.from(text.slice(0, sound)));
  if (sound < text.length) throw invalidText('UTF-16', lines.line);
  return text;
}

async function* fromWindows1252(chunks: AsyncIterable<Buffer>, lines: LineCounter): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('windows-1252');
  for await (const chunk of chunks) {
    const text = Buffer.from(decoder.decode(chunk));
    lines.add(text);
    yield text;
  }
}

function invalidText(encoding: string, line: number): SheetError {
  return new SheetError(
    'invalid_text',
    `Line ${line} of the file holds bytes that are not ${encoding} text, although the file begins as such. Save it as UTF-8 and upload it again.`,
    { line },
  );
}

/** Bytes up to the last character that is complete: a chunk may end in the middle of one. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** The same for UTF-16, where a character has one unit of two bytes or a pair of them. */
function wholeUtf16(bytes: Buffer, encoding: 'utf-16le' | 'utf-16be'): number {
  const end = bytes.length - (bytes.length % 2);
  const highByte = bytes[encoding === 'utf-16le' ? end - 1 : end - 2] ?? 0;
  return highByte >= 0xd8 && highByte <= 0xdb ? end - 2 : end;
}

function sequenceLength(leadByte: number): number {
  if (leadByte >= 0xf0) return 4;
  return leadByte >= 0xe0 ? 3 : 2;
}

/**
 * Windows-1252 letters stand alone and are no UTF-8. Where more characters are sound than not, the text is UTF-8 that was
 * damaged, to be refused later with its line, and not to be read as something else that looks wrong everywhere.
 */
function isMostlyUtf8(head: Buffer): boolean {
  const bytes = head.subarray(0, wholeCharacters(head));
  if (isUtf8(bytes)) return true;
  const characters = bytes.toString().match(/[^\0-\x7f]/gu) ?? [];
  const damaged = characters.filter((character) => character === '\ufffd').length;
  return characters.length - damaged > damaged;
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
