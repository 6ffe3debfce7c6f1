import type { BulkAction } from '../model/action.ts';
import { entityIdFor } from '../model/entity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { referenceScopeOf } from '../model/row-scope.ts';

interface Row {
  readonly uniqueIdentifier: string;
  readonly entityId?: string | undefined;
}

/** The rows of an action with the ids that follow from them, where staging has found no other. */
export function withEntityIds<Given extends Row>(
  process: ProcessDefinition,
  action: Pick<BulkAction, 'accountId' | 'referenceId' | 'processName'>,
  rows: readonly Given[],
): (Given & { readonly entityId: string })[] {
  const scope = referenceScopeOf(action);
  return rows.map((row) => {
    const { uniqueIdentifier, entityId } = row;
    return { ...row, entityId: entityId ?? entityIdFor(process, { ...scope, uniqueIdentifier }) };
  });
}
