/**
 * Edits that make one text the other, a swap of neighbours counting once (optimal string alignment); any number above
 * `limit` when there are more. What both begin and end with is left out, since codes of one hierarchy share much.
 */
export function editsBetween(a: string, b: string, limit: number): number {
  let start = 0;
  while (start < a.length && start < b.length && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let [endOfA, endOfB] = [a.length, b.length];
  while (endOfA > start && endOfB > start && a.charCodeAt(endOfA - 1) === b.charCodeAt(endOfB - 1)) {
    endOfA -= 1;
    endOfB -= 1;
  }
  const [rows, columns] = [endOfA - start, endOfB - start];
  if (Math.abs(rows - columns) > limit) return limit + 1;
  if (rows === 0 || columns === 0) return Math.max(rows, columns);
  return alignment(a.slice(start, endOfA), b.slice(start, endOfB), limit);
}

/** Three rows of the table of edits at a time, and of them only the cells within `limit` of its diagonal. */
function alignment(a: string, b: string, limit: number): number {
  const beyond = limit + 1;
  const width = b.length + 1;
  let before = new Uint8Array(width).fill(beyond);
  let above = Uint8Array.from({ length: width }, (_, column) => Math.min(column, beyond));
  let current = new Uint8Array(width);
  for (let row = 1; row <= a.length; row++) {
    current.fill(beyond);
    current[0] = Math.min(row, beyond);
    let least = current[0];
    for (let column = Math.max(1, row - limit); column <= Math.min(b.length, row + limit); column++) {
      const same = a.charCodeAt(row - 1) === b.charCodeAt(column - 1);
      let edits = (above[column - 1] as number) + (same ? 0 : 1);
      edits = Math.min(edits, (above[column] as number) + 1, (current[column - 1] as number) + 1, beyond);
      if (row > 1 && column > 1 && isSwap(a, row, b, column))
        edits = Math.min(edits, (before[column - 2] as number) + 1);
      current[column] = edits;
      least = Math.min(least, edits);
    }
    if (least > limit) return beyond;
    [before, above, current] = [above, current, before];
  }
  return above[b.length] as number;
}

function isSwap(a: string, row: number, b: string, column: number): boolean {
  return a.charCodeAt(row - 1) === b.charCodeAt(column - 2) && a.charCodeAt(row - 2) === b.charCodeAt(column - 1);
}

/** The suggestions as the end of a sentence's neighbour, e.g. ` Did you mean A, B or C?`; empty when there are none. */
export function didYouMean(suggestions: readonly string[]): string {
  const [last, ...others] = [...suggestions].reverse();
  if (last === undefined) return '';
  return ` Did you mean ${others.length > 0 ? `${others.reverse().join(', ')} or ` : ''}${last}?`;
}
