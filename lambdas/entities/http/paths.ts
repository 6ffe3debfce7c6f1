function child(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** The value behind `a.b.0.c`, by own properties only; undefined when a part is missing. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce(child, value);
}

/** All values behind the path; a list on the way, or at its end, stands for each of its elements. */
export function valuesAt(value: unknown, path: string): unknown[] {
  const steps = path
    .split('.')
    .reduce<unknown[]>((values, name) => values.flatMap(elements).map((one) => child(one, name)), [value]);
  return steps.flatMap(elements).filter((one) => one !== undefined && one !== null);
}

function elements(value: unknown): unknown[] {
  return Array.isArray(value) ? value.flatMap(elements) : [value];
}

/** The value as text, if it is one that has a plain text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The first path that leads to a text that is not empty. */
export function firstText(value: unknown, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const text = valuesAt(value, path).map(textOf).find(Boolean);
    if (text !== undefined) return text;
  }
  return undefined;
}
