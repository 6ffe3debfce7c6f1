import type { ItemOutcome } from './service-item.ts';

/** So many transient answers in a row are the service's state and not that of a row. */
const enough = 5;

/**
 * Notices when calling a service row by row has become pointless: it asked to be left alone, or answers nobody any
 * more. A single row that the service cannot digest does not stop its neighbours.
 */
export class Patience {
  #inARow = 0;
  #end: ItemOutcome | undefined;

  /** What the rows that have not been sent yet answer; undefined while it is worth sending them. */
  get end(): ItemOutcome | undefined {
    return this.#end;
  }

  note(outcome: ItemOutcome): void {
    this.#inARow = outcome.kind === 'transient' ? this.#inARow + 1 : 0;
    const askedToWait = outcome.kind === 'transient' && outcome.retryAfterSeconds !== undefined;
    if (askedToWait || this.#inARow >= enough) this.#end ??= outcome;
  }
}
