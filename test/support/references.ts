import { randomUUID } from 'node:crypto';

/** A reference that no other test, and no other run of the tests, has. */
export function newReference(): string {
  return `cmp-${randomUUID()}`;
}
