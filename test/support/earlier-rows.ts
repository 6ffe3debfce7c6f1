import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { noCounts } from '../../lambdas/model/action.ts';
import { adminAccountId } from '../../lambdas/model/api-key.ts';
import { ControlTable } from '../../lambdas/store/control-table.ts';
import { ReferenceStore } from '../../lambdas/store/reference-store.ts';
import { TrackingTable } from '../../lambdas/store/tracking-table.ts';
import { documents, emulatorCredentials } from './entities.ts';
import type { Facility } from './facilities.ts';
import { output, type StackAddress } from './stack-address.ts';

const earlierActionId = '00000000-0000-8000-8000-000000000000';
const error = { code: 'refused', message: 'The row was refused before.' };

/**
 * Leaves a reference as an earlier action would have: with rows that succeeded and rows that failed. Through the stores,
 * because to make rows fail by way of dead letters takes seconds, and hundreds of cases begin like this.
 */
export async function leaveEarlierRows(
  { resources }: StackAddress,
  outputs: Readonly<Record<string, string>>,
  referenceId: string,
  left: { readonly succeeded: readonly Facility[]; readonly failed: readonly Facility[] },
): Promise<void> {
  if (!resources?.endpoints) throw new Error('Only the embedded stack can be prepared.');
  const dynamodb = new DynamoDBClient({ ...emulatorCredentials, endpoint: resources.endpoints.dynamodb });
  const tracking = new TrackingTable(dynamodb, output(outputs, 'TrackingTableName'));
  const references = new ReferenceStore(new ControlTable(documents(resources), resources.controlTable));

  const scope = { accountId: adminAccountId, referenceId, type: 'facilityCreation' };
  const rows = [...left.succeeded, ...left.failed].map((facility, index) => ({
    uniqueIdentifier: facility.facilityName,
    rowNumber: index + 2,
    data: { ...facility, capacity: Number(facility.capacity), boundaryCode: facility.boundaryCode.split(';') },
  }));
  const identifiers = rows.map(({ uniqueIdentifier }) => uniqueIdentifier);
  const succeeded = identifiers.slice(0, left.succeeded.length);
  const failed = identifiers.slice(left.succeeded.length);
  await tracking.insertPending(scope, earlierActionId, rows);
  await tracking.markSuccess(scope, earlierActionId, succeeded);
  await tracking.markFailed(
    scope,
    earlierActionId,
    failed.map((uniqueIdentifier) => ({ uniqueIdentifier, error })),
  );

  const action = { accountId: adminAccountId, referenceId, processName: scope.type, actionId: earlierActionId };
  await references.claim(action);
  await references.release(action, { clean: failed.length === 0, counts: { ...noCounts, failed: failed.length } });
}
