import { isAscii, isUtf8 } from 'node:buffer';
import {
  type FoundEncoding,
  type TextEncoding,
  utf8Bom,
  utf8OrWindows1252,
  wholeCharacters,
} from './detect-encoding.ts';
import { SheetError } from './sheet-error.ts';

const pieceBytes = 64 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The text as UTF-8 without byte order mark, in pieces of at most 64 KiB of input. Strict: a byte that is no text in the
 * encoding is an error that names the line, never a replacement character. `lines` counts what was given out. Where the
 * encoding is not certain, `found` becomes so with the first character beyond ASCII.
 */
export function toUtf8(
  chunks: AsyncIterable<Buffer>,
  found: FoundEncoding,
  lines: LineCounter,
): AsyncGenerator<Buffer> {
  const bytes = pieces(chunks);
  return found.isCertain ? decoded(withoutBom(bytes), found.name, lines) : decodedOnceFound(bytes, found, lines);
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
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += pieceBytes) yield chunk.subarray(start, start + pieceBytes);
  }
}

function decoded(bytes: AsyncIterable<Buffer>, encoding: TextEncoding, lines: LineCounter): AsyncGenerator<Buffer> {
  if (encoding === 'utf-8') return checkedUtf8(bytes, lines);
  return encoding === 'windows-1252' ? fromWindows1252(bytes, lines) : checkedUtf16(bytes, encoding, lines);
}

/** Gives out ASCII as it is, and decides with the first byte beyond it how the rest is to be read. */
async function* decodedOnceFound(
  bytes: AsyncGenerator<Buffer>,
  found: FoundEncoding,
  lines: LineCounter,
): AsyncGenerator<Buffer> {
  try {
    for (let next = await bytes.next(); !next.done; next = await bytes.next()) {
      const ascii = asciiLength(next.value);
      if (ascii > 0) yield checked(next.value.subarray(0, ascii), lines);
      if (ascii === next.value.length) continue;
      const start = await upTo(pieceBytes, next.value.subarray(ascii), bytes);
      // The same bytes whatever the size of the chunks, so that a sheet that is read again is read alike.
      found.name = utf8OrWindows1252(start.subarray(0, pieceBytes));
      found.isCertain = true;
      yield* decoded(pieces(preceded(start, bytes)), found.name, lines);
    }
  } finally {
    await bytes.return(undefined);
  }
}

function asciiLength(bytes: Buffer): number {
  return isAscii(bytes) ? bytes.length : bytes.findIndex((byte) => byte > 0x7f);
}

/** The start and as much of the rest as it takes to have so many bytes, or all. */
async function upTo(size: number, start: Buffer, rest: AsyncIterator<Buffer>): Promise<Buffer> {
  const parts = [start];
  for (let length = start.length; length < size; length += parts.at(-1)?.length ?? 0) {
    const next = await rest.next();
    if (next.done) break;
    parts.push(next.value);
  }
  return Buffer.concat(parts);
}

async function* preceded(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  yield* rest;
}

async function* withoutBom(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    const start = await upTo(utf8Bom.length, Buffer.alloc(0), bytes);
    yield start.subarray(0, utf8Bom.length).equals(utf8Bom) ? start.subarray(utf8Bom.length) : start;
    yield* bytes;
  } finally {
    await bytes.return(undefined);
  }
}

async function* checkedUtf8(chunks: AsyncIterable<Buffer>, lines: LineCounter): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
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

/** Bytes up to the last whole character of UTF-16, where one has a unit of two bytes or a pair of them. */
function wholeUtf16(bytes: Buffer, encoding: 'utf-16le' | 'utf-16be'): number {
  const end = bytes.length - (bytes.length % 2);
  const highByte = bytes[encoding === 'utf-16le' ? end - 1 : end - 2] ?? 0;
  return highByte >= 0xd8 && highByte <= 0xdb ? end - 2 : end;
}
