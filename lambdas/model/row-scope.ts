import type { BulkAction } from './action.ts';

/** A set of rows, by which their identities are told apart. */
export interface RowScope {
  readonly accountId: string;
  readonly referenceId: string;
  /** The processName, with the action's id where rows are an action's own. */
  readonly type: string;
}

type ActionIdentity = Pick<BulkAction, 'accountId' | 'referenceId' | 'processName' | 'actionId'>;

/** Where the rows of an action are tracked. Those of a dry run are its own, so that they are known to no other action. */
export function rowScopeOf(action: ActionIdentity & Pick<BulkAction, 'rowScope' | 'dryRun'>): RowScope {
  const { actionId, processName, rowScope, dryRun } = action;
  if (rowScope !== 'action' && !dryRun) return referenceScopeOf(action);
  return { ...referenceScopeOf(action), type: `${processName}#${actionId}` };
}

/** True for the rows of one action: when its report goes, nobody has a use for them any more. */
export function isActionScope({ type }: RowScope): boolean {
  return type.includes('#');
}

/**
 * True where each row is tracked, as pending, before it is dispatched. A retry's rows mostly are there already. Of a dry
 * run it has to be told which rows of its reference its own sheet has, too. In any other run the row that is new is
 * tracked when it ends, which saves a write (ADR 20).
 */
export function isTrackedAhead({ run, dryRun }: Pick<BulkAction, 'run' | 'dryRun'>): boolean {
  return run > 0 || dryRun === true;
}

/** The rows that all actions of a reference and process share; a dry run only looks at them. */
export function referenceScopeOf({
  accountId,
  referenceId,
  processName,
}: Pick<ActionIdentity, 'accountId' | 'referenceId' | 'processName'>): RowScope {
  return { accountId, referenceId, type: processName };
}
