import { readFileSync } from 'node:fs';

/** A state machine's file has a placeholder nobody fills, or lacks one that should be filled. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}

const wholePlaceholder = /^\$\{(\w+)\}$/;

/**
 * Reads a state machine's definition and fills in its placeholders. A placeholder is a whole string such as
 * `"${TimeoutSeconds}"`, so that the file is valid JSON though a number or a list takes the string's place.
 * Placeholders in `deferred` stay for CloudFormation, which knows the ARNs.
 * @throws DefinitionError when placeholders and values do not match up exactly.
 */
export function readDefinition(
  path: string | URL,
  values: Readonly<Record<string, unknown>>,
  deferred: readonly string[],
): Record<string, unknown> {
  const found = new Set<string>();
  const definition = JSON.parse(readFileSync(path, 'utf8'), (_, value: unknown) => {
    const name = typeof value === 'string' ? wholePlaceholder.exec(value)?.[1] : undefined;
    if (name === undefined) return value;
    found.add(name);
    return name in values ? values[name] : value;
  });
  const expected = new Set([...Object.keys(values), ...deferred]);
  const unfilled = found.difference(expected);
  if (unfilled.size > 0) throw new DefinitionError(`${path}: nothing fills in ${[...unfilled].join(', ')}`);
  const unused = expected.difference(found);
  if (unused.size > 0) throw new DefinitionError(`${path}: there is no placeholder for ${[...unused].join(', ')}`);
  return definition;
}
