import { describe, expect, it } from 'vitest';
import { giveKey, newAccount } from '../support/accounts.ts';
import { boundarySheet } from '../support/boundaries.ts';
import { RollcallClient, type Submission } from '../support/client.ts';
import { expectConserved, type Outcome } from '../support/conservation.ts';
import { facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile, type Sheet } from '../support/sheet-files.ts';
import { type StackResources, sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();

/** All that a row has answered, but for the id of what a trial did not create. */
function answers({ rows }: Outcome) {
  return rows.map(({ entityId, ...row }) => (row.answer === 'created' ? row : { ...row, entityId }));
}

describe.skipIf(!stack.resources)('GIVEN a sheet that is tried before it is meant', () => {
  const anyone = new RollcallClient(stack);

  async function clientOfNewAccount(): Promise<RollcallClient> {
    return anyone.withKey(await giveKey(stack.resources as StackResources, newAccount()));
  }

  /** Tries, tries again, then runs the sheet: all must agree. */
  async function tryAndRun(client: RollcallClient, submission: Submission, sheet: Sheet): Promise<Outcome> {
    const run = async (own: Partial<Submission>) =>
      expectConserved(client, await client.submit({ ...submission, ...own }, csvFile(sheet)), sheet);
    const trials = [await run({ dryRun: true }), await run({ dryRun: true })];
    const real = await run({});
    for (const trial of trials) {
      expect(trial.action).toMatchObject({ dryRun: true, counts: real.action.counts, revived: real.action.revived });
      expect(trial.action.mapping).toBeUndefined();
      expect(answers(trial)).toEqual(answers(real));
    }
    return real;
  }

  it('WHEN rows are known by their reference THEN the trial knows them, and makes none known', async () => {
    const client = await clientOfNewAccount();
    const submission = { referenceId: newReference(), processName: 'facilityCreation', onInvalidRow: 'skip' } as const;
    const first = facilitySheet([facility('A'), facility('B')]);
    await expectConserved(client, await client.submit(submission, csvFile(first)), first);
    const rows = [facility('B'), facility('C'), facility('C'), facility('D', { capacity: 'much' })];
    const { action } = await tryAndRun(client, submission, facilitySheet(rows));
    expect(action.counts).toMatchObject({ known: 1, created: 1, duplicate: 1, invalid: 1 });
    const answer = await client.post(`/api/bulk-actions/${action.actionId}/retry`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  });

  it('WHEN rows have their parents in the same sheet THEN the trial takes them to be there', async () => {
    const client = await clientOfNewAccount();
    const other = boundarySheet([['KEN', '']]);
    const processName = 'boundaryCreation';
    await expectConserved(
      client,
      await client.submit({ referenceId: newReference(), processName }, csvFile(other)),
      other,
    );
    const sheet = boundarySheet([
      ['MOZ-NPL-ERT', 'MOZ-NPL'],
      ['MOZ-NPL', 'MOZ'],
      ['MOZ', ''],
      ['KEN', ''],
      ['ZMB-LSK', 'ZMB'],
    ]);
    const submission = { referenceId: newReference(), processName, onInvalidRow: 'skip' } as const;
    const { action } = await tryAndRun(client, submission, sheet);
    expect(action.counts).toMatchObject({ created: 3, known: 1, invalid: 1 });
  });
});
