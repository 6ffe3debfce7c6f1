import fc from 'fast-check';
import type { Schema } from './openapi.ts';

/** Members of one object, and items of one array, at most: enough to be odd. */
const few = 4;
const longString = 300;

/** Values by name that mean something that there is, so that not everything ends with a 404. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

/** Values that the schema allows; members of the names of what is `known` often have its values. */
export function validFor(schema: Schema, known: Known = {}): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => validFor(choice, known)));
  const types = [schema.type ?? []].flat();
  return types.length === 0
    ? fc.jsonValue({ maxDepth: 2 })
    : fc.oneof(...types.map((type) => validOf(type, schema, known)));
}

function validOf(type: string, schema: Schema, known: Known): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.integer({ min: least(schema), max: Math.min(schema.maximum ?? 100_000, 100_000) });
    case 'number':
      return fc.double({ min: least(schema), max: schema.maximum ?? 1e6, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(validFor(schema.items ?? {}, known), { minLength: schema.minItems ?? 0, maxLength: few });
    default:
      return object(schema, known);
  }
}

function least({ minimum, exclusiveMinimum }: Schema): number {
  if (exclusiveMinimum !== undefined) return exclusiveMinimum + 1;
  return Math.max(minimum ?? 0, -100_000);
}

function text({
  format,
  contentEncoding,
  pattern,
  minLength = 0,
  maxLength = longString,
}: Schema): fc.Arbitrary<string> {
  const length = { minLength, maxLength: Math.min(maxLength, longString) };
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') return fc.date({ noInvalidDate: true, ...lifetime }).map((date) => date.toISOString());
  // A host that there is nowhere: nothing outside is to be bothered.
  if (format === 'uri') return fc.webPath().map((path) => `https://nobody.invalid${path}`);
  if (contentEncoding === 'base64' || format === 'base64')
    return fc.base64String({ maxLength: longString, minLength: 4 });
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ ...length, unit: 'grapheme-ascii' });
}

const lifetime = { min: new Date('2000-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z') };

function object(schema: Schema, known: Known): fc.Arbitrary<object> {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema;
  const members = Object.entries(properties).map(([name, member]) => [name, memberFor(name, member, known)] as const);
  const own = fc.record(Object.fromEntries(members), { requiredKeys: [...required] });
  if (typeof additionalProperties !== 'object') return own;
  const names = propertyNames ? (validFor(propertyNames) as fc.Arbitrary<string>) : fc.string({ maxLength: 20 });
  const others = fc.dictionary(names, validFor(additionalProperties, known), { maxKeys: few });
  return fc.tuple(others, own).map(([further, named]) => ({ ...further, ...named }));
}

function memberFor(name: string, schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const values = known[name];
  return values ? fc.oneof(fc.constantFrom(...values), validFor(schema, known)) : validFor(schema, known);
}

/** Values that the schema allows but for one member that is wrong, missing or too many. */
export function nearlyValidFor(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  return fc.tuple(validFor(schema, known), hostile, fc.nat(), fc.constantFrom('change', 'drop', 'add')).map(spoilt);
}

function spoilt([value, wrong, which, how]: [unknown, unknown, number, string]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong;
  const names = Object.keys(value);
  const name = names[which % Math.max(names.length, 1)];
  if (how === 'add' || name === undefined) return { ...value, [`further${which}`]: wrong };
  const { [name]: _, ...others } = value as Record<string, unknown>;
  return how === 'drop' ? others : { ...others, [name]: wrong };
}

/** Texts that have broken things before. */
const oddTexts = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202eabc',
  '﷽'.repeat(50),
  'e\u0301'.repeat(200),
  '../../etc/passwd',
  '..%2f..%2f',
  "'; DROP TABLE actions; --",
  '{{constructor}}',
  '__proto__',
  'constructor',
  'toString',
  'null',
  '1e309',
  '-0',
  '٣',
  '2026-13-45T99:99:99Z',
  'x'.repeat(5_000),
];

/** Anything that JSON can say, and much of what nobody would. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...oddTexts, null, true, 0, -1, 1.5, 2 ** 53, -1e308, [], {}, [[]]),
  fc.integer({ min: 5, max: 200 }).map(nested),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
);

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Texts as they may stand in an address, encoded or not. */
export const oddPathParts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...oddTexts.filter((odd) => odd.isWellFormed() && odd.length < 2_000)).map(encodeURIComponent),
  fc.constantFrom(
    '.',
    '..',
    '%2e%2e',
    '%2e%2e%2f',
    '%00',
    '%ff',
    '%',
    '%zz',
    'a%2fb',
    'a;b',
    'a?b',
    '*',
    '~',
    '%25%25',
  ),
  fc.string({ maxLength: 40 }).map(encodeURIComponent),
);
