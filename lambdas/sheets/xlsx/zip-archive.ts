import { Readable } from 'node:stream';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import type { SheetLimits, SheetSource } from '../sheet.ts';
import { SheetError } from '../sheet-error.ts';

/** The directory stands at the end of a zip; most are read with this one request. */
const tailBytes = 256 * 1024;

/**
 * Deflate can't do better than 1,032 to 1, and sheets, repetitive as they are, stay far below this. Smaller parts may well
 * be as dense: they can do no harm.
 */
const plausibleRatio = 250;
const ratioMattersFrom = 32 * 1024 * 1024;

/** The parts of a zip, whose directory is checked against the limits before anything is unpacked. */
export class ZipArchive {
  readonly #reader: SourceReader;
  readonly #zip: ZipFile;
  /** By lower-case name: the names of parts are the same whatever their case. */
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #limits: SheetLimits;

  private constructor(reader: SourceReader, zip: ZipFile, entries: ReadonlyMap<string, Entry>, limits: SheetLimits) {
    this.#reader = reader;
    this.#zip = zip;
    this.#entries = entries;
    this.#limits = limits;
  }

  /** @throws SheetError when the zip is damaged, protected or would cost too much. */
  static async open(source: SheetSource, limits: SheetLimits): Promise<ZipArchive> {
    const reader = new SourceReader(source);
    try {
      await reader.readTail();
      const zip = await fromRandomAccessReaderPromise(reader, source.size, { autoClose: false });
      return new ZipArchive(reader, zip, await checkedEntries(zip, limits), limits);
    } catch (error) {
      throw reader.explained(error, 'the zip');
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** Uncompressed size in bytes as the directory has it, which unpacking then holds the part to. */
  sizeOf(name: string): number {
    return this.#entries.get(name.toLowerCase())?.uncompressedSize ?? 0;
  }

  /** The unpacked bytes of a part. */
  async *read(name: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(name.toLowerCase());
    if (entry === undefined) throw new SheetError('broken_xlsx', `The workbook names a part it doesn't have: ${name}.`);
    try {
      let left = this.#limits.partBytes;
      for await (const chunk of await this.#zip.openReadStreamPromise(entry)) {
        left -= chunk.length;
        if (left < 0) throw partTooLarge(name, this.#limits);
        yield chunk;
      }
    } catch (error) {
      throw this.#reader.explained(error, name);
    }
  }

  close(): void {
    this.#zip.close();
  }
}

function partTooLarge(name: string, { partBytes }: SheetLimits): SheetError {
  return new SheetError('too_large_uncompressed', `More than ${partBytes} bytes of ${name} would have to be read.`);
}

async function checkedEntries(zip: ZipFile, limits: SheetLimits): Promise<Map<string, Entry>> {
  if (zip.entryCount > limits.entries) {
    throw new SheetError(
      'too_many_entries',
      `The workbook has ${zip.entryCount} parts; at most ${limits.entries} are possible.`,
    );
  }
  const entries = new Map<string, Entry>();
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.toLowerCase();
    if (entries.has(name)) throw new SheetError('broken_xlsx', `The workbook has two parts named ${entry.fileName}.`);
    total += entry.uncompressedSize;
    refuseCostly(entry, total, limits);
    entries.set(name, entry);
  }
  return entries;
}

function refuseCostly(entry: Entry, total: number, limits: SheetLimits): void {
  if (entry.isEncrypted()) {
    throw new SheetError(
      'encrypted_sheet',
      'The workbook is protected by a password. Take it off and upload it again.',
    );
  }
  if (total > limits.uncompressedBytes) {
    throw new SheetError(
      'too_large_uncompressed',
      `The workbook would unpack to more than ${limits.uncompressedBytes} bytes. Split it into several.`,
    );
  }
  if (entry.uncompressedSize > ratioMattersFrom && entry.uncompressedSize > entry.compressedSize * plausibleRatio) {
    throw new SheetError(
      'implausible_compression',
      `A part of the workbook would unpack from ${entry.compressedSize} to ${entry.uncompressedSize} bytes, which no sheet of data does.`,
    );
  }
}

/** Lets yauzl read ranges of the source, and remembers when the source itself was what failed. */
class SourceReader extends RandomAccessReader {
  readonly #source: SheetSource;
  readonly #tailStart: number;
  #tail: Buffer = Buffer.alloc(0);
  #failure: { error: unknown } | undefined;

  constructor(source: SheetSource) {
    super();
    this.#source = source;
    this.#tailStart = Math.max(0, source.size - tailBytes);
  }

  async readTail(): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.#range(this.#tailStart, this.#source.size)) chunks.push(chunk);
    this.#tail = Buffer.concat(chunks);
  }

  /** The source's own error as it was; whatever else goes wrong is the file's fault. */
  explained(error: unknown, where: string): unknown {
    if (this.#failure !== undefined) return this.#failure.error;
    if (error instanceof SheetError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new SheetError(
      'broken_xlsx',
      `The workbook is damaged (${where}: ${reason}). Save it anew and upload it again.`,
      {
        cause: error,
      },
    );
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const inTail =
      start >= this.#tailStart ? [this.#tail.subarray(start - this.#tailStart, end - this.#tailStart)] : undefined;
    return Readable.from(inTail ?? this.#range(start, end), { objectMode: false });
  }

  async *#range(start: number, end: number): AsyncGenerator<Buffer> {
    try {
      yield* await this.#source.open({ start, end });
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
