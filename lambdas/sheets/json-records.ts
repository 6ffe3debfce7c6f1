import { keepingExact, mayHaveExactNumbers } from '../model/exact-number.ts';
import { jsonDepth } from '../model/json-depth.ts';
import { jsonMembers } from './json-members.ts';
import { headerTooLarge, oversizedCell, preview, recordProblem, tooManyColumns } from './record-shape.ts';
import type { RecordProblem, SheetLimits, SheetRecord } from './sheet.ts';
import { SheetError } from './sheet-error.ts';

const deepest = 32;
/** A number that would become another one stays the text that it is. */
const keepDigits = keepingExact((written) => written);

/**
 * Makes records from the texts of JSON elements. The headers are the keys in the order in which they first appear, so they
 * grow while elements are read.
 */
export class JsonRecords {
  readonly headers: string[] = [];
  readonly #columns = new Map<string, number>();
  readonly #limits: SheetLimits;
  #headerBytes = 0;

  constructor(limits: SheetLimits) {
    this.#limits = limits;
  }

  /** @throws SheetError when the text is no JSON, or the keys become too many. */
  record(text: string, rowNumber: number, line: number): SheetRecord {
    const tooDeep = jsonDepth(text) > deepest;
    const value = parsed(text, !tooDeep && mayHaveExactNumbers(text), rowNumber, line);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      return { rowNumber, line, cells: [], problem: notAnObject(text.trim()) };
    }
    const cells = this.#cellsOf(tooDeep ? shallow(text) : (value as Record<string, unknown>), rowNumber);
    const problem = tooDeep ? nestedTooDeep() : oversizedCell(cells, this.headers, this.#limits);
    const absent = this.#absentFrom(value);
    return { rowNumber, line, cells, element: text.trim(), ...(absent && { absent }), ...(problem && { problem }) };
  }

  /** The headers that the element has no key for; most have all. */
  #absentFrom(element: object): ReadonlySet<number> | undefined {
    // Each of its keys is a header by now.
    if (Object.keys(element).length === this.headers.length) return undefined;
    return new Set(this.headers.flatMap((header, index) => (Object.hasOwn(element, header) ? [] : [index])));
  }

  #cellsOf(value: Record<string, unknown>, rowNumber: number): string[] {
    const keys = Object.keys(value);
    for (const key of keys) this.#addHeader(key, rowNumber);
    const cells = new Array<string>(this.headers.length).fill('');
    for (const key of keys) cells[this.#columns.get(key) as number] = cellText(value[key]);
    return cells;
  }

  #addHeader(key: string, rowNumber: number): void {
    if (this.#columns.has(key)) return;
    if (!key.isWellFormed()) throw brokenKey(key, rowNumber);
    this.#columns.set(key, this.headers.length);
    this.headers.push(key);
    if (this.headers.length > this.#limits.columns) throw tooManyColumns(this.headers.length, this.#limits, rowNumber);
    this.#headerBytes += Buffer.byteLength(key);
    if (this.#headerBytes > this.#limits.headerBytes) throw headerTooLarge(this.#limits, rowNumber);
  }
}

/** No cell and no key of the report could hold the element, so that the message does. */
function notAnObject(element: string): RecordProblem {
  const message = `Each element has to be an object with the columns as its keys; this one is ${preview(element)}`;
  return recordProblem('not_an_object', message, { value: element });
}

function nestedTooDeep(): RecordProblem {
  return recordProblem('too_deep', `Values may be nested in at most ${deepest} levels.`);
}

/** The object with what is nested in it as text: writing it anew could go deeper than the stack does. */
function shallow(element: string): Record<string, unknown> {
  const members = jsonMembers(element).map(({ key, value }) => [
    key,
    isNested(value) ? value : JSON.parse(value, keepDigits),
  ]);
  return Object.fromEntries(members);
}

function isNested(value: string): boolean {
  return value.startsWith('{') || value.startsWith('[');
}

function brokenKey(key: string, rowNumber: number): SheetError {
  return new SheetError(
    'broken_json',
    `The key ${JSON.stringify(key.slice(0, 100))} of element ${rowNumber} has half of a Unicode character in it. Correct the key.`,
    { rowNumber },
  );
}

function parsed(text: string, exactly: boolean, rowNumber: number, line: number): unknown {
  try {
    return exactly ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (cause) {
    // The position that follows in V8's message is one inside the element, which nobody can look up.
    const reason = String((cause as Error).message).replace(/ (?:in JSON )?at position \d.*$/s, '');
    throw new SheetError('broken_json', `Element ${rowNumber}, on line ${line}, is no JSON: ${reason}.`, {
      line,
      rowNumber,
      cause,
    });
  }
}

/** An object's text without some of its keys. */
export function withoutKeys(element: string, isUnwanted: (key: string) => boolean): string {
  const kept = jsonMembers(element).filter(({ key }) => !isUnwanted(key));
  return `{${kept.map(({ text }) => text).join(', ')}}`;
}

function cellText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  return Array.isArray(value) && value.every(isScalar) ? value.map(cellText).join(',') : JSON.stringify(value);
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}
