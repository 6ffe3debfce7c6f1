import type { SheetLimits, SheetRecord } from './sheet.ts';
import { SheetError } from './sheet-error.ts';

/** Records may have 1 MiB each: a batch of hundreds such would not be a bounded one. */
const charactersPerBatch = 2 * 1024 * 1024;

/** Collects records until a batch is full, and keeps the limit on rows. */
export class RecordBatch {
  readonly #limits: SheetLimits;
  #records: SheetRecord[] = [];
  #characters = 0;
  #rows = 0;

  constructor(limits: SheetLimits) {
    this.#limits = limits;
  }

  /** @throws SheetError when the sheet has more rows than allowed. */
  add(record: SheetRecord): void {
    this.#rows += 1;
    if (this.#rows > this.#limits.rows) {
      throw new SheetError(
        'too_many_rows',
        `The sheet has more than ${this.#limits.rows} rows. Split it into several.`,
        {
          rowNumber: record.rowNumber,
        },
      );
    }
    this.#records.push(record);
    for (const cell of record.cells) this.#characters += cell.length;
    this.#characters += record.element?.length ?? 0;
  }

  get isFull(): boolean {
    return this.#records.length >= this.#limits.batchRows || this.#characters >= charactersPerBatch;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  /** The records collected; the next batch starts empty. */
  take(): SheetRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#characters = 0;
    return records;
  }
}
