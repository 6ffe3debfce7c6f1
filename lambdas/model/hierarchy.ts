/**
 * Levels of a hierarchy at most, the roots' included. Countries end at a dozen; the limit keeps walks from an entity to
 * its root, and the levels of a sheet, to a bounded number of steps.
 */
export const hierarchyLevels = 32;

/** Rows of one hierarchical sheet at most: to find circles, all of its identifiers are held in memory. */
export const hierarchyRows = 1_000_000;
