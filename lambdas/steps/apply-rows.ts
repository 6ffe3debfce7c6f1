import type { EntityOutcome, EntityRequest, EntityTarget } from '../entities/entity-target.ts';
import type { BatchMessage, BatchRow, IdentifiedRow } from '../model/batch-message.ts';
import { parentOf } from '../model/entity.ts';
import type { EntityKeys, ProcessDefinition } from '../model/process.ts';
import type { RowError } from '../model/row.ts';
import type { RowScope } from '../model/row-scope.ts';
import type { WriteBounds } from '../model/write-bounds.ts';
import type { TrackingTable } from '../store/tracking-table.ts';
import { blockedRows } from './blocked-rows.ts';

/** What the rows of a batch are applied to, and how far. */
export interface Application {
  readonly process: ProcessDefinition;
  readonly target: EntityTarget;
  readonly bounds: WriteBounds;
  readonly dryRun: boolean;
}

/** Each row's outcome. A row that is blocked by its parent never gets as far as a target that would not notice. */
export async function applyRows(
  tracking: TrackingTable,
  rows: readonly IdentifiedRow[],
  scope: RowScope,
  message: BatchMessage,
  application: Application,
): Promise<EntityOutcome[]> {
  const { process, target, dryRun } = application;
  const requests = rows.map((row) => requestOf(process, row));
  // In a dry run no target has the parents of the same sheet.
  const blocked =
    target.checksParents && !dryRun ? new Map<string, RowError>() : await blockedRows(tracking, scope, requests);
  const free = requests.filter(({ uniqueIdentifier }) => !blocked.has(uniqueIdentifier));
  const applied = await applyFree(free, message, application);
  return requests.map(({ uniqueIdentifier }) => {
    const error = blocked.get(uniqueIdentifier);
    return error ? { kind: 'refused', error } : (applied.get(uniqueIdentifier) as EntityOutcome);
  });
}

function requestOf(process: ProcessDefinition, row: IdentifiedRow): EntityRequest {
  const parent = parentOf(process, row.data);
  return {
    ...row,
    ...(process.entityKeys && ofKeys(process.entityKeys, row)),
    ...(parent !== undefined && { parent }),
  };
}

/** The values of the unique fields that the row sets, by field, and what a new entity would lack. */
function ofKeys({ unique, required }: EntityKeys, { data }: BatchRow): Pick<EntityRequest, 'unique' | 'missing'> {
  const set = unique.flatMap((field) => (typeof data[field] === 'string' ? [[field, data[field]]] : []));
  const missing = required.filter((field) => data[field] === undefined);
  return { unique: Object.fromEntries(set), ...(missing.length > 0 && { missing }) };
}

async function applyFree(
  requests: readonly EntityRequest[],
  message: BatchMessage,
  { process, target, bounds, dryRun }: Application,
): Promise<ReadonlyMap<string, EntityOutcome>> {
  if (requests.length === 0) return new Map();
  const outcomes = await target.apply(requests, {
    accountId: message.accountId,
    referenceId: message.referenceId,
    processName: message.processName,
    actionId: message.actionId,
    entity: process.entity,
    ...(process.entityScope && { entityScope: process.entityScope }),
    action: process.action,
    ...(dryRun && { dryRun }),
    ...bounds,
  });
  return new Map(requests.map(({ uniqueIdentifier }, index) => [uniqueIdentifier, outcomes[index] as EntityOutcome]));
}
