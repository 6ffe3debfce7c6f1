import { chunkCapacity, chunkCharacters, type StagedRow, sheetChunkName } from '../model/staged-row.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';

/** Collects staged rows and writes them as chunks, one being written while the next is filled. */
export class ChunkWriter {
  readonly chunks: string[] = [];
  private readonly bucket: SheetBucket;
  private readonly actionId: string;
  private lines: string[] = [];
  private characters = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(bucket: SheetBucket, actionId: string) {
    this.bucket = bucket;
    this.actionId = actionId;
  }

  /** Adds a row; resolves at once unless a chunk is full and the one before is still on its way. */
  async add(row: StagedRow): Promise<void> {
    const line = JSON.stringify(row);
    this.lines.push(line);
    this.characters += line.length;
    const index = this.chunks.length;
    const isFull = this.lines.length >= chunkCapacity(index) || this.characters >= chunkCharacters(index);
    if (isFull) await this.flush();
  }

  /** Writes what is left and waits for everything to have arrived. */
  async end(): Promise<void> {
    if (this.lines.length > 0) await this.flush();
    await this.writing;
  }

  private async flush(): Promise<void> {
    const chunk = sheetChunkName(this.chunks.length);
    const body = `${this.lines.join('\n')}\n`;
    this.chunks.push(chunk);
    this.lines = [];
    this.characters = 0;
    await this.writing;
    this.writing = this.bucket.put(sheetKeys.chunk(this.actionId, chunk), body, 'application/x-ndjson');
    // Whoever awaits next gets the error; until then it must not count as unhandled.
    this.writing.catch(() => undefined);
  }
}
