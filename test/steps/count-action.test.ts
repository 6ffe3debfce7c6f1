import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { endEventOf, endEventSchema } from '../../lambdas/model/end-event.ts';
import { countAction } from '../../lambdas/steps/count-action.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const counts = { ...noCounts, rows: 10, created: 9, failed: 1 };

/** An action of ten rows that has ended. */
async function ended(own: Partial<BulkAction> = {}): Promise<BulkAction> {
  const now = inSeconds(0);
  const times = { startedAt: inSeconds(-10), finishedAt: now };
  const action = newAction({ status: 'completed_with_failures', counts, ...times, ...own });
  await stores.actions.create(action);
  return action;
}

/** The event as it comes over the bus. */
const eventOf = (action: BulkAction) => endEventSchema.parse(JSON.parse(JSON.stringify(endEventOf(action))));

const sumOf = async (accountId: string) => (await stores.accountDays.list(accountId, '2000-01-01')).at(-1);

describe('GIVEN an action that has ended', () => {
  it('WHEN its end is told twice THEN it and its rows count once', async () => {
    const event = eventOf(await ended({ accountId: 'real' }));
    expect(event).not.toHaveProperty('dryRun');
    expect(await countAction(stores, event)).toMatchObject({ counts, seconds: 10 });
    expect(await countAction(stores, event)).toBeUndefined();
    expect(await sumOf('real')).toMatchObject({ byStatus: { completed_with_failures: 1 }, counts });
  });

  it('WHEN it was a dry run THEN its end says so, and the action counts without its rows', async () => {
    const event = eventOf(await ended({ accountId: 'dry', dryRun: true }));
    expect(event).toMatchObject({ dryRun: true, counts });
    expect(await countAction(stores, event)).toMatchObject({ counts: noCounts });
    expect(await sumOf('dry')).toMatchObject({ byStatus: { completed_with_failures: 1 }, counts: noCounts });
  });

  it('WHEN it is none of this stage THEN it does not count', async () => {
    const event = eventOf(newAction({ accountId: 'foreign', status: 'completed', counts }));
    expect(await countAction(stores, event)).toBeUndefined();
    expect(await sumOf('foreign')).toBeUndefined();
  });
});
