/** What a spreadsheet would run as a formula, or would show as such a text once it is escaped. */
const formulaLike = /^'*[=+\-@\t\r]/;
const escaped = /^'+[=+\-@\t\r]/;
const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * A cell that no spreadsheet runs as a formula: a leading `'` turns it into text. Plain numbers such as `-12.5`, and so
 * phone numbers such as `+258841234567`, stay as they are. {@link unescapeFormula} gives the cell back, so that a sheet
 * written here can be read here again.
 */
export function escapeFormula(cell: string): string {
  return formulaLike.test(cell) && !number.test(cell) ? `'${cell}` : cell;
}

/** The cell as it was before a spreadsheet's `'` marked it as text. */
export function unescapeFormula(cell: string): string {
  return cell.charCodeAt(0) === 0x27 && escaped.test(cell) ? cell.slice(1) : cell;
}
