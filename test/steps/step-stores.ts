import type { BulkAction } from '../../lambdas/model/action.ts';
import { type SettledRow, type StagedRow, sheetChunkName } from '../../lambdas/model/staged-row.ts';
import { sheetKeys } from '../../lambdas/store/sheet-bucket.ts';
import type { RowScope } from '../../lambdas/store/tracking-table.ts';
import { newAction } from '../support/actions.ts';
import type { TestStores } from '../support/stores.ts';

export const firstChunk = sheetChunkName(0);

/** An action whose one chunk is staged and which has its reference. */
export async function stagedAction(
  { actions, references, bucket }: TestStores,
  rows: readonly StagedRow[],
  own: Partial<BulkAction> = {},
): Promise<BulkAction> {
  const action = newAction({
    status: 'processing',
    sheet: { format: 'csv', headers: ['facilityName'], chunks: 1 },
    ...own,
  });
  await actions.create(action);
  await references.claim(action);
  if (rows.length > 0) await bucket.putLines(sheetKeys.chunk(action.actionId, firstChunk), rows);
  return action;
}

/** What a step is told of its action. */
export function inputOf({ accountId, actionId, run }: BulkAction) {
  return { accountId, actionId, run };
}

/** All answers of a chunk. */
export async function answersOf({ bucket }: TestStores, action: BulkAction, chunk = firstChunk): Promise<SettledRow[]> {
  const answers: SettledRow[] = [];
  for await (const rows of bucket.readLines<SettledRow>(sheetKeys.results(action.actionId, chunk), 100))
    answers.push(...rows);
  return answers;
}

/** A row's tracked status and action, as `success of <action>`. */
export async function trackedAs({ tracking }: TestStores, scope: RowScope, identifier: string) {
  const row = (await tracking.read(scope, [identifier], true)).get(identifier);
  return row && { status: row.status, actionId: row.actionId };
}

export async function collect<Item>(pages: AsyncIterable<Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}
