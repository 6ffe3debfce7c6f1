/** A JSON object, and how many cells at a row's beginning say the same as it does. */
export interface JsonOrigin {
  element: string;
  cells: number;
}

/** Writes a sheet row by row in flat memory. */
export interface SheetWriter {
  /**
   * Gives a promise only when the output has to be waited for. Rows must not be written before it is fulfilled.
   * @param origin JSON, NDJSON: what the first cells were made from, to be written in their place; other formats have no use for it
   */
  write(row: string[], origin?: JsonOrigin): Promise<void> | void;
  /** Fulfilled when the output has taken everything. */
  end(): Promise<void>;
}
