import type { BulkAction } from './action.ts';

/**
 * How long a row's identity lasts. `reference`: the rows of all actions of a reference and process are one set, so that a
 * sheet uploaded twice is known. `action`: each action's rows are its own, as they say what to do to an entity.
 */
export type RowScopeKind = 'reference' | 'action';

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

/** The rows that all actions of a reference and process share; a dry run only looks at them. */
export function referenceScopeOf({
  accountId,
  referenceId,
  processName,
}: Pick<ActionIdentity, 'accountId' | 'referenceId' | 'processName'>): RowScope {
  return { accountId, referenceId, type: processName };
}
