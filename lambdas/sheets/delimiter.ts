/** In order of preference where two fit equally well. */
const candidates = [',', ';', '\t', '|'];
const recordsLookedAt = 100;

/** The line that names the delimiter, where a reader would not find it out. */
export function delimiterDeclaration(delimiter: string): string {
  return candidates.includes(delimiter) ? '' : `sep=${delimiter}\r\n`;
}

/** Excel's own hint: a first line `sep=;` names the delimiter and is no row. */
export function declaredDelimiter(text: string): string | undefined {
  return /^sep=([^\s"\w]|\t)[ \t]*(?:\r\n?|\n|$)/i.exec(text)?.[1];
}

/**
 * The delimiter under which the first records agree best with the header, quotes respected. The measure is the share of
 * records that have as many cells as the header, times the number of columns it makes, so that a comma in every address
 * of a `;` file doesn't win over its columns.
 */
export function findDelimiter(text: string): string {
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of candidates) {
    const score = scoreOf(cellCounts(text, delimiter));
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function scoreOf([header = 1, ...rows]: number[]): number {
  if (rows.length === 0) return header - 1;
  const agreeing = rows.filter((count) => count === header).length;
  // A header that no row agrees with is still a better guess than one column.
  return (Math.max(agreeing, 0.01) / rows.length) * (header - 1);
}

/**
 * Cells of each of the first records, without the blank ones, which are passed over when the sheet is read; the last, cut
 * off with the text, is left out unless it is the only one.
 */
function cellCounts(text: string, delimiter: string): number[] {
  const counts: number[] = [];
  let cells = 1;
  let blank = true;
  let atCellStart = true;
  for (let index = 0; index < text.length && counts.length < recordsLookedAt; index += 1) {
    const character = text[index];
    if (character === '"' && atCellStart) {
      const end = closingQuote(text, index + 1);
      blank &&= text.slice(index + 1, end).trim() === '';
      index = end;
      atCellStart = false;
    } else if (character === '\n' || character === '\r') {
      // The gap inside CR LF is blank too.
      if (!blank) counts.push(cells);
      cells = 1;
      blank = true;
      atCellStart = true;
    } else {
      atCellStart = character === delimiter;
      if (atCellStart) cells += 1;
      else blank &&= character?.trim() === '';
    }
  }
  return counts.length === 0 ? [cells] : counts;
}

/** Index of the quote that closes a cell, skipping doubled ones; the end of the text if none does. */
function closingQuote(text: string, start: number): number {
  for (let index = text.indexOf('"', start); index !== -1; index = text.indexOf('"', index + 2)) {
    if (text[index + 1] !== '"') return index;
  }
  return text.length;
}
