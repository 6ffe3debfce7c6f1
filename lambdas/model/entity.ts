import { accountEntityIdOf, entityIdOf, normalizeIdentifier, type RowIdentity } from './identity.ts';
import type { ProcessDefinition } from './process.ts';
import type { RowData } from './row.ts';

/** What a row did to its entity. `known`: it was there already, and was left as it is. */
export const entityEffects = ['created', 'updated', 'deleted', 'known'] as const;
export type EntityEffect = (typeof entityEffects)[number];

/**
 * Rows of one sheet at most that change entities: all values that they share with no other row are held in memory, up to
 * three of a row.
 */
export const changingRows = 3_000_000;

/** The id of the entity that a row of the process becomes. */
export function entityIdFor(
  { entity, entityScope }: Pick<ProcessDefinition, 'entity' | 'entityScope'>,
  identity: RowIdentity,
): string {
  return entityScope === 'account'
    ? accountEntityIdOf(identity.accountId, entity, identity.uniqueIdentifier)
    : entityIdOf(identity);
}

/** The parent that a row names, as identifiers are compared: empty for a root, undefined where there is no hierarchy. */
export function parentOf({ parent }: Pick<ProcessDefinition, 'parent'>, data: RowData): string | undefined {
  return parent && normalizeIdentifier(parent(data) ?? '');
}
