import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';

/** An action whose rows are being identified. */
export function bulkAction(referenceId: string, actionId: string): BulkAction {
  const now = new Date().toISOString();
  return {
    accountId: 'acme',
    actionId,
    referenceId,
    processName: 'facilityCreation',
    action: 'insert',
    status: 'validating',
    source: { kind: 'records', key: 'uploads/acme/a/records.json', fileName: 'records.json', size: 2 },
    onInvalidRow: 'reject',
    run: 0,
    counts: noCounts,
    revived: { rows: 0, created: 0, failed: 0 },
    batches: { total: 0, done: 0 },
    createdAt: now,
    updatedAt: now,
    deadlineAt: now,
    warnings: [],
  };
}

/** What a facility's row says about its boundaries. */
export function mappedRow(uniqueIdentifier: string, boundaryCode: readonly string[], usage = 'Active') {
  return { uniqueIdentifier, data: { facilityName: uniqueIdentifier, boundaryCode, usage } };
}
