import { columnLetter, isBlank } from '../record-shape.ts';
import { maxRecordBytes } from '../sheet.ts';
import { SheetError } from '../sheet-error.ts';
import { numberText, storedDateText } from './cell-text.ts';
import type { NumberFormat } from './number-format.ts';
import { RichText, unescapeCharacters } from './rich-text.ts';
import type { SharedStrings } from './shared-strings.ts';
import type { XmlAttributes, XmlHandler } from './xml-part.ts';

/** The last row and the number of columns that the format knows. */
const lastRow = 1_048_576;
const columnCount = 16_384;

/** What cells refer to. */
export interface CellContext {
  strings: SharedStrings;
  formats: readonly NumberFormat[];
  date1904: boolean;
}

export interface WorksheetRow {
  rowNumber: number;
  cells: string[];
  /** 0-based column of the first formula that has no stored value. */
  uncalculated?: number;
}

/** Collects the rows of a worksheet's XML. Rows in which nothing is to be seen are left out. */
export class WorksheetRows implements XmlHandler {
  readonly #context: CellContext;
  readonly #richText = new RichText();
  #rows: WorksheetRow[] = [];
  #inData = false;
  #ended = false;
  #row: WorksheetRow = { rowNumber: 0, cells: [] };
  #characters = 0;
  #column = -1;
  #type = 'n';
  #style = 0;
  #value: string | undefined;
  #inValue = false;
  #isFormula = false;

  constructor(context: CellContext) {
    this.#context = context;
  }

  /** True after the last row: what follows are widths, rules and the like. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The rows completed since the last call. */
  take(): WorksheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: XmlAttributes): void {
    if (name === 'sheetData') this.#inData = true;
    if (!this.#inData) return;
    if (name === 'row') this.#startRow(attributes);
    else if (name === 'c') this.#startCell(attributes);
    else if (name === 'v') this.#startValue();
    else if (name === 'f') this.#isFormula = true;
    else this.#richText.open(name);
  }

  text(text: string): void {
    if (this.#inValue) this.#value += text;
    else this.#richText.add(text);
  }

  close(name: string): void {
    if (!this.#inData) return;
    if (name === 'row') this.#endRow();
    else if (name === 'c') this.#endCell();
    else if (name === 'v') this.#inValue = false;
    else if (name === 'sheetData') this.#endData();
    else this.#richText.close(name);
  }

  #endData(): void {
    this.#inData = false;
    this.#ended = true;
  }

  #startRow(attributes: XmlAttributes): void {
    const own = attributes.r?.value;
    const rowNumber = own === undefined ? this.#row.rowNumber + 1 : Number(own);
    if (!(rowNumber >= 1 && rowNumber <= lastRow)) throw this.#broken(`there is no row ${own ?? rowNumber}`);
    this.#row = { rowNumber, cells: [] };
    this.#characters = 0;
    this.#column = -1;
  }

  #startCell(attributes: XmlAttributes): void {
    const reference = attributes.r?.value;
    this.#column = reference === undefined ? this.#column + 1 : columnIndex(reference);
    if (!(this.#column >= 0 && this.#column < columnCount)) throw this.#broken(`there is no cell ${reference ?? ''}`);
    this.#type = attributes.t?.value ?? 'n';
    this.#style = Number(attributes.s?.value ?? 0);
    this.#value = undefined;
    this.#isFormula = false;
    this.#richText.start();
  }

  #startValue(): void {
    this.#inValue = true;
    this.#value = '';
  }

  #endCell(): void {
    if (this.#isFormula && !this.#hasResult()) this.#row.uncalculated ??= this.#column;
    const text = this.#cellText();
    if (text === '') return;
    this.#characters += text.length;
    if (this.#characters > maxRecordBytes) {
      const { rowNumber } = this.#row;
      throw new SheetError('record_too_large', `Row ${rowNumber} has more than 1 MiB.`, { rowNumber });
    }
    const { cells } = this.#row;
    while (cells.length < this.#column) cells.push('');
    cells[this.#column] = text;
  }

  /** Nothing is a formula's result only where it says that it is text: some programs store an empty `v` for want of one. */
  #hasResult(): boolean {
    if (this.#type === 'inlineStr') return true;
    return this.#type === 'str' ? this.#value !== undefined : Boolean(this.#value);
  }

  #endRow(): void {
    if (this.#row.uncalculated !== undefined || !isBlank(this.#row.cells)) this.#rows.push(this.#row);
  }

  #cellText(): string {
    // Some programs put a `v` of their own beside an inline string.
    if (this.#type === 'inlineStr') return this.#richText.end();
    const value = this.#value;
    if (value === undefined || value === '') return '';
    switch (this.#type) {
      case 's':
        return this.#sharedString(value);
      case 'str':
        return unescapeCharacters(value);
      case 'b':
        return value === '1' || value === 'true' ? 'TRUE' : 'FALSE';
      case 'e':
        return value;
      case 'd':
        return storedDateText(value, this.#context.formats[this.#style]);
      default:
        return numberText(value, this.#context.formats[this.#style], this.#context.date1904);
    }
  }

  #sharedString(value: string): string {
    const text = this.#context.strings.get(Number(value));
    if (text === undefined) throw this.#broken(`cell ${columnLetter(this.#column)} refers to a text that isn't there`);
    return text;
  }

  #broken(reason: string): SheetError {
    const { rowNumber } = this.#row;
    return new SheetError(
      'broken_xlsx',
      `The workbook is damaged (row ${rowNumber}: ${reason}). Save it anew and upload it again.`,
      {
        rowNumber,
      },
    );
  }
}

/** 0-based column of a reference such as `AB12`; -1 if it isn't one. */
function columnIndex(reference: string): number {
  let column = 0;
  for (let index = 0; index < reference.length; index += 1) {
    const code = reference.charCodeAt(index);
    if (code >= 0x30 && code <= 0x39) break;
    if (code < 0x41 || code > 0x5a || index > 2) return -1;
    column = column * 26 + code - 0x40;
  }
  return column - 1;
}
