import { randomUUID } from 'node:crypto';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import type { StagedRow } from '../../lambdas/model/staged-row.ts';

/** An action as it stands right after it was submitted; `own` says what is different. */
export function newAction(own: Partial<BulkAction> = {}): BulkAction {
  const now = new Date().toISOString();
  const accountId = own.accountId ?? 'acme';
  const actionId = own.actionId ?? randomUUID();
  const fileName = 'facilities.csv';
  return {
    accountId,
    actionId,
    referenceId: `cmp-${actionId.slice(0, 8)}`,
    processName: 'facilityCreation',
    action: 'insert',
    status: 'pending',
    source: { kind: 'upload', key: `uploads/${accountId}/${actionId}/${fileName}`, fileName, size: 1 },
    onInvalidRow: 'reject',
    run: 0,
    counts: noCounts,
    revived: { rows: 0, created: 0, failed: 0 },
    batches: { total: 0, done: 0 },
    createdAt: now,
    updatedAt: now,
    deadlineAt: inSeconds(3_600),
    warnings: [],
    ...own,
  };
}

/** A valid staged row of a facility. */
export function stagedRow(rowNumber: number, uniqueIdentifier = `Facility ${rowNumber}`): StagedRow {
  return { rowNumber, cells: [uniqueIdentifier], uniqueIdentifier, data: { facilityName: uniqueIdentifier } };
}

export function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toISOString();
}
