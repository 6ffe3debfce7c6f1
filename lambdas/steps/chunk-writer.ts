import { chunkBytes, chunkCapacity, type StagedRow, sheetChunkName } from '../model/staged-row.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import { LineBuffer } from './line-buffer.ts';

/** Collects staged rows and writes them as chunks, one being written while the next is filled. */
export class ChunkWriter {
  readonly chunks: string[] = [];
  private readonly bucket: SheetBucket;
  private readonly actionId: string;
  private rows = 0;
  private filling = new LineBuffer();
  private leaving = new LineBuffer();
  private writing: Promise<void> = Promise.resolve();

  constructor(bucket: SheetBucket, actionId: string) {
    this.bucket = bucket;
    this.actionId = actionId;
  }

  /** Adds a row; resolves at once unless a chunk is full and the one before is still on its way. */
  async add(row: StagedRow): Promise<void> {
    this.filling.add(JSON.stringify(row));
    this.rows += 1;
    const index = this.chunks.length;
    const isFull = this.rows >= chunkCapacity(index) || this.filling.size >= chunkBytes(index);
    if (isFull) await this.flush();
  }

  /** Writes what is left and waits for everything to have arrived. */
  async end(): Promise<void> {
    if (this.rows > 0) await this.flush();
    await this.writing;
  }

  private async flush(): Promise<void> {
    const chunk = sheetChunkName(this.chunks.length);
    this.chunks.push(chunk);
    this.rows = 0;
    await this.writing;
    [this.filling, this.leaving] = [this.leaving, this.filling];
    this.filling.clear();
    this.writing = this.bucket.put(sheetKeys.chunk(this.actionId, chunk), this.leaving.text, 'application/x-ndjson');
    // Whoever awaits next gets the error; until then it must not count as unhandled.
    this.writing.catch(() => undefined);
  }
}
