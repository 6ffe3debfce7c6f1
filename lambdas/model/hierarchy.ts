import type { RowError } from './row.ts';

/**
 * Levels of a hierarchy at most, the roots' included. Countries end at a dozen; the limit keeps walks from an entity to
 * its root, and the levels of a sheet, to a bounded number of steps.
 */
export const hierarchyLevels = 32;

/** Rows of one hierarchical sheet at most: to find circles, all of its identifiers are held in memory. */
export const hierarchyRows = 1_000_000;

/** Why a row was not created although it is valid: what it stands under is not there. */
export function blockedByParent(parent: string): RowError {
  return {
    code: 'blocked_by_parent',
    message: `Blocked by parent ${parent}, which does not exist. Correct the parent's row, then retry the action or upload both.`,
    value: parent,
  };
}

/** Why a row can't stand where it would. */
export function parentTooDeep(parent: string): RowError {
  return {
    code: 'parent_too_deep',
    message: `The parent ${parent} stands on the last of ${hierarchyLevels} levels or below it, and nothing may stand below that. Use a parent further up.`,
    value: parent,
  };
}
