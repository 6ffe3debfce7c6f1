import { z } from 'zod';
import { type CellError, issueOf } from './cell-errors.ts';
import { damageOf } from './damaged-text.ts';
import { looksEmpty } from './invisible.ts';

/** What people are told about a cell before they fill it in. */
export interface CellFacts {
  readonly required: boolean;
  /** What is accepted, as in "expected …", e.g. `a whole number from 1 to 100`. */
  readonly expected: string;
  /** Offered as a drop-down in the template. */
  readonly choices?: readonly string[];
  /** Several values in one cell, separated by `,` or `;`. */
  readonly list?: boolean;
  /** Text that a spreadsheet might take for a number. */
  readonly textual?: boolean;
}

/** A cell's text, trimmed and not empty, as its value, or all that is wrong with it. */
export type ReadCell<Value> = (text: string) => { readonly value: Value } | { readonly errors: readonly CellError[] };

type About = Omit<CellFacts, 'required'>;

interface Cell {
  readonly about: About;
  readonly required: boolean;
  readonly read: ReadCell<unknown>;
}

const cells = z.registry<Cell>();

/** The schema of a cell that must be filled in: it takes the cell's text and gives its value. */
export function cell<Value>(about: About, read: ReadCell<Value>): z.ZodType<Value> {
  const schema = z.transform<unknown, Value>((input, context) => {
    const text = textOf(input);
    const outcome =
      text === ''
        ? {
            errors: [{ code: 'required', message: `This cell must not be empty. Fill in ${about.expected}.` } as const],
          }
        : readSound(text, about.expected, read);
    if ('value' in outcome) return outcome.value;
    context.issues.push(...outcome.errors.map(issueOf));
    return z.NEVER;
  });
  cells.add(schema, { about, required: true, read });
  return schema;
}

/** The schema of a cell that may be empty or absent; its value is then absent too. */
export function optional<Value>(schema: z.ZodType<Value>): z.ZodType<Value | undefined> {
  const { about, read } = knownCell(schema);
  const loose = z.transform<unknown, Value | undefined>((input, context) => {
    const text = textOf(input);
    if (text === '') return undefined;
    const outcome = readSound(text, about.expected, read);
    if ('value' in outcome) return outcome.value as Value;
    context.issues.push(...outcome.errors.map(issueOf));
    return z.NEVER;
  });
  cells.add(loose, { about, required: false, read });
  return loose;
}

/** What `schema` accepts, in words. Throws for a schema that is no cell's: nobody could be told. */
export function cellFacts(schema: z.ZodType): CellFacts {
  const { about, required } = knownCell(schema);
  return { ...about, required };
}

/** How a cell's text is read, for cells that are made of others. */
export function cellReader<Value>(schema: z.ZodType<Value>): ReadCell<Value> {
  return knownCell(schema).read as ReadCell<Value>;
}

/** Reads a text by `read`, unless it is nothing that somebody meant. */
export function readSound<Value>(text: string, expected: string, read: ReadCell<Value>): ReturnType<ReadCell<Value>> {
  const damage = damageOf(text, expected);
  return damage ? { errors: [damage] } : read(text);
}

function knownCell(schema: z.ZodType): Cell {
  const found = cells.get(schema);
  if (!found) throw new Error('A column needs a schema made with cell(...) or one of the builders upon it');
  return found;
}

/** The text without the space around it. What shows nothing is empty, and so is what is no text: readers hand on text only. */
function textOf(input: unknown): string {
  return typeof input !== 'string' || looksEmpty(input) ? '' : input.trim();
}
