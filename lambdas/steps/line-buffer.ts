const startBytes = 1024 ** 2;
/** UTF-8 has at most so many bytes for what is one character of a string. */
const bytesPerCharacter = 3;

/**
 * Lines of text as UTF-8, outside the heap and in the same memory again after `clear`. As strings in a list, they would
 * live just long enough to be moved among the long-lived objects, where garbage stays until it is many times what is in
 * use.
 */
export class LineBuffer {
  private bytes = Buffer.allocUnsafeSlow(startBytes);
  private end = 0;

  /** Bytes of all lines with their ends. */
  get size(): number {
    return this.end;
  }

  add(line: string): void {
    this.makeRoom(line.length * bytesPerCharacter + 1);
    this.end += this.bytes.write(line, this.end);
    this.bytes[this.end++] = 0x0a;
  }

  /** All lines; good until the next `clear`. */
  get text(): Buffer {
    return this.bytes.subarray(0, this.end);
  }

  clear(): void {
    this.end = 0;
  }

  private makeRoom(wanted: number): void {
    if (this.bytes.length - this.end >= wanted) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.end + wanted));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }
}
