import type { BulkAction } from '../model/action.ts';
import type { EnterMappingResult } from '../model/mapping-steps.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { ExecutionInput } from '../model/steps.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { ReferenceStore } from '../store/reference-store.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly references: ReferenceStore;
}

/**
 * All rows have answered: the action goes on to its mapping. Whoever is the last of its reference maps for all; an
 * action that is mapping itself does not count as being in flight, so of two that end at the same moment at least one
 * sees that it is the last.
 */
export async function enterMapping(
  { actions, references }: Stores,
  { accountId, actionId }: ExecutionInput,
  processOf: (name: string) => ProcessDefinition | undefined,
): Promise<EnterMappingResult> {
  const action = await actions.get(accountId, actionId);
  const result = { referenceId: action.referenceId, until: action.deadlineAt };
  const reached = action.status === 'processing' || action.status === 'mapping';
  // What a cancelled action created is mapped with the next run of its reference; a dry run created nothing.
  if (!reached || action.cancelRequestedAt !== undefined || action.dryRun || !processOf(action.processName)?.mapping)
    return { ...result, outcome: 'none' };
  await actions.transition(accountId, actionId, 'mapping', { mappingAt: new Date().toISOString() });
  return { ...result, outcome: (await isLast(actions, references, action)) ? 'run' : 'later' };
}

async function isLast(actions: ActionStore, references: ReferenceStore, action: BulkAction): Promise<boolean> {
  for (const { runningActionId } of await references.processes(action.accountId, action.referenceId)) {
    if (runningActionId === undefined || runningActionId === action.actionId) continue;
    const other = await actions.find(action.accountId, runningActionId);
    if (other?.status === 'validating' || other?.status === 'processing') return false;
  }
  return true;
}
