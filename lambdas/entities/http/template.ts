import { placeholderPattern, type RequestTemplate } from '../../model/service-configuration.ts';
import { textOf, valueAt } from './paths.ts';

/** The values that placeholders name. */
export type Scope = Readonly<Record<string, unknown>>;

/** What a template is filled with: one scope for all of it, and one more for each row of `$rows`. */
export interface TemplateValues {
  readonly scope: Scope;
  readonly rows: readonly Scope[];
}

/** A template asks for something that its row does not have. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

type Fields = Readonly<Record<string, RequestTemplate>>;

/** What may stand in place of an object, by its first field. */
const directives: Readonly<Record<string, (template: Fields, values: TemplateValues) => unknown>> = {
  $rows: fillRows,
  $each: fillEach,
  $choose: choose,
};

/**
 * Fills a JSON template value by value, so that nothing in a row can change its structure. A text that is one
 * placeholder becomes the value itself; a missing one leaves its field out. Filled-in text is not looked at again.
 */
export function fill(template: RequestTemplate, values: TemplateValues): unknown {
  if (typeof template === 'string') return fillText(template, values.scope);
  if (template === null || typeof template !== 'object') return template;
  if (Array.isArray(template)) return fillAll(template, () => values);
  const fields = template as Fields;
  const directive = directives[Object.keys(fields)[0] ?? ''];
  return directive === undefined ? fillFields(fields, values) : directive(fields, values);
}

function fillFields(template: Fields, values: TemplateValues): Record<string, unknown> {
  const filled = Object.entries(template).map(([name, part]) => [name, fill(part, values)] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
}

function fillAll(templates: readonly RequestTemplate[], valuesOf: (index: number) => TemplateValues): unknown[] {
  return templates.map((template, index) => fill(template, valuesOf(index))).filter((value) => value !== undefined);
}

/** `{ "$rows": template }`: a list with the template once for each row. */
function fillRows(template: Fields, { scope, rows }: TemplateValues): unknown[] {
  const copies = rows.map(() => template.$rows as RequestTemplate);
  return fillAll(copies, (index) => ({ scope: { ...scope, ...rows[index] }, rows: [] }));
}

/** `{ "$each": "row.role", "$make": template }`: a list with the template once for each element, named `each`. */
function fillEach(template: Fields, { scope, rows }: TemplateValues): unknown[] {
  const elements = [valueAt(scope, template.$each as string) ?? []].flat();
  const copies = elements.map(() => template.$make as RequestTemplate);
  return fillAll(copies, (index) => ({ scope: { ...scope, each: elements[index] }, rows }));
}

/** `{ "$choose": "row.status", "$from": { "Permanent": true } }`: the value under the row's value. */
function choose(template: Fields, values: TemplateValues): unknown {
  const key = textOf(valueAt(values.scope, template.$choose as string));
  const choices = template.$from as Fields;
  return key !== undefined && Object.hasOwn(choices, key) ? fill(choices[key] as RequestTemplate, values) : undefined;
}

/** Only a text that is one placeholder and nothing else stands for a value of any kind. */
function fillText(template: string, scope: Scope): unknown {
  const [first] = template.matchAll(placeholderPattern);
  return first?.[0] === template ? valueAt(scope, first[1] as string) : fillWords(template, scope, (word) => word);
}

/** Fills a text with texts; `encode` makes each safe where it is put. Throws TemplateError for a missing one. */
export function fillWords(template: string, scope: Scope, encode: (word: string) => string): string {
  return template.replace(placeholderPattern, (placeholder, path: string) => {
    const word = textOf(valueAt(scope, path));
    if (word === undefined) throw new TemplateError(`the request needs ${placeholder}, which this row does not have`);
    return encode(word);
  });
}

/** Fills an address; what a row puts in is encoded and cannot leave its place between two slashes. */
export function fillUrl(template: string, scope: Scope): URL {
  return new URL(fillWords(template, scope, encodeForUrl));
}

/** An empty part, `.` or `..` would make the address another one: the list in place of one thing, its parent. */
function encodeForUrl(word: string): string {
  if (/^\.{0,2}$/.test(word)) throw new TemplateError(`"${word}" cannot be part of the request's address`);
  if (!word.isWellFormed()) throw new TemplateError('the text for the request address is not valid Unicode');
  return encodeURIComponent(word);
}
