/**
 * EventBridge event patterns.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html
 */

/** A pattern as it stands in a rule: fields with lists of accepted values or comparisons. */
export type EventPattern = { [field: string]: EventPattern | unknown[] };

type Test = (value: unknown) => boolean;

/** @throws Error for a comparison that the local run does not know */
export function compilePattern(pattern: EventPattern): (event: unknown) => boolean {
  const tests = Object.entries(pattern).map(([field, expected]) => compileField(field, expected));
  return (event) => tests.every((test) => test(event));
}

function compileField(field: string, expected: EventPattern | unknown[]): Test {
  if (field === '$or' && Array.isArray(expected)) {
    const alternatives = expected.map((alternative) => compilePattern(alternative as EventPattern));
    return (event) => alternatives.some((matches) => matches(event));
  }
  if (!Array.isArray(expected)) {
    const matches = compilePattern(expected);
    return (event) => valuesOf(fieldOf(event, field)).some(matches);
  }
  const tests = expected.map(compileValue);
  return (event) => {
    const values = valuesOf(fieldOf(event, field));
    return tests.some((test) => values.some(test));
  };
}

function fieldOf(event: unknown, field: string): unknown {
  return event !== null && typeof event === 'object' ? (event as Record<string, unknown>)[field] : undefined;
}

/** A list matches when one of its items does; an absent field is one absent value. */
function valuesOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

const comparisons: Record<string, (operand: unknown) => Test> = {
  prefix: (operand) => onText(operand, (value, text) => value.startsWith(text)),
  suffix: (operand) => onText(operand, (value, text) => value.endsWith(text)),
  'equals-ignore-case': (operand) => (value) =>
    typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase(),
  wildcard: (operand) => {
    const expression = wildcard(String(operand));
    return (value) => typeof value === 'string' && expression.test(value);
  },
  exists: (operand) => (value) => (value !== undefined) === operand,
  'anything-but': (operand) => {
    const excluded = [operand].flat().map(compileValue);
    return (value) => value !== undefined && !excluded.some((test) => test(value));
  },
  numeric: (operand) => numeric(operand as Array<string | number>),
};

function compileValue(expected: unknown): Test {
  if (expected === null || typeof expected !== 'object') return (value) => value === expected;
  const [[name = '', operand] = []] = Object.entries(expected);
  const comparison = comparisons[name];
  if (!comparison)
    throw new Error(`The event pattern comparison ${JSON.stringify(expected)} is not known to the local run.`);
  return comparison(operand);
}

function onText(operand: unknown, compare: (value: string, text: string) => boolean): Test {
  if (typeof operand === 'object' && operand !== null) {
    const text = String((operand as Record<string, unknown>)['equals-ignore-case']).toLowerCase();
    return (value) => typeof value === 'string' && compare(value.toLowerCase(), text);
  }
  return (value) => typeof value === 'string' && compare(value, String(operand));
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function numeric(operands: Array<string | number>): Test {
  const bounds = operands.flatMap((operator, index) =>
    index % 2 === 0 ? [{ operator: String(operator), bound: Number(operands[index + 1]) }] : [],
  );
  const holds = (value: number, operator: string, bound: number): boolean =>
    (operator === '=' && value === bound) ||
    (operator === '>' && value > bound) ||
    (operator === '>=' && value >= bound) ||
    (operator === '<' && value < bound) ||
    (operator === '<=' && value <= bound);
  return (value) => typeof value === 'number' && bounds.every(({ operator, bound }) => holds(value, operator, bound));
}
