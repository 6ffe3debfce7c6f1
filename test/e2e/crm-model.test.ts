import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionKinds } from '../../lambdas/model/action.ts';
import { giveKey, newAccount } from '../support/accounts.ts';
import { changingEntities } from '../support/changing-entities.ts';
import { RollcallClient, type Submission } from '../support/client.ts';
import { expectConserved, type Outcome } from '../support/conservation.ts';
import { type ContactAction, ContactModel, type ContactRecord, type ExpectedRow } from '../support/contact-model.ts';
import { newReference } from '../support/references.ts';
import { type StackResources, sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();

/** Each run takes a few actions, each of which takes about a second. */
const runs = 3;
const actionsARun = 4;

/** A handful of values, so that rows meet. */
const email = fc.constantFrom('', 'a@example.org', 'b@example.org', 'c@example.org');
const phone = fc.constantFrom('', '+258840000001', '+258840000002', '+258840000003');
const text = fc.constantFrom('', 'X', 'Y');

/** `contact`: which of the contacts there are by then its id is of, counted round. */
const row = fc.record(
  { email, phone, lastName: text, city: text, contact: fc.nat(9) },
  { requiredKeys: ['email', 'lastName'] },
);
const action = fc.record({
  kind: fc.constantFrom(...actionKinds),
  clearEmpty: fc.boolean(),
  dryRunFirst: fc.boolean(),
  rows: fc.array(row, { minLength: 1, maxLength: 6 }),
});

type RandomAction = typeof action extends fc.Arbitrary<infer Value> ? Value : never;
type RandomRow = RandomAction['rows'][number];

describe.skipIf(!stack.resources)('GIVEN any small sheets and actions, one after the other', () => {
  const resources = stack.resources as StackResources;

  it('WHEN they have run THEN rows have answered, and contacts are, as a simple model has it', async () => {
    const history = fc.array(action, { minLength: 2, maxLength: actionsARun });
    await fc.assert(
      fc.asyncProperty(history, async (actions) => {
        const accountId = newAccount();
        const client = new RollcallClient(stack).withKey(await giveKey(resources, accountId));
        const model = new ContactModel();
        for (const random of actions) {
          const meant = meantBy(random, model);
          const expected = model.expect(meant);
          const submission = submissionOf(meant);
          if (random.dryRunFirst)
            expectAnswers(await run(client, { ...submission, dryRun: true }, meant), expected.rows);
          const outcome = await run(client, submission, meant);
          expectAnswers(outcome, expected.rows);
          expected.apply();
          learnIds(outcome, expected.rows);
          const found = await changingEntities(resources, { accountId, entity: 'contact' });
          expect(Object.fromEntries(found)).toEqual(
            Object.fromEntries(model.contacts.map(({ id, data }) => [id, data])),
          );
        }
      }),
      // Shrinking would take minutes; the history that failed is short enough to read.
      { numRuns: runs, endOnFailure: true },
    );
  });
});

function meantBy({ kind, clearEmpty, rows }: RandomAction, model: ContactModel): ContactAction {
  const changes = kind === 'update' || kind === 'upsert';
  return { kind, clearEmpty: clearEmpty && changes, records: rows.map((random) => recordOf(random, kind, model)) };
}

/** The columns that the action has; ids only where they may identify. */
function recordOf(
  { contact, ...own }: RandomRow,
  kind: ContactAction['kind'],
  { contacts }: ContactModel,
): ContactRecord {
  const { email, phone } = own;
  const values = kind === 'delete' ? { email, ...(phone !== undefined && { phone }) } : own;
  if (contact === undefined || kind === 'insert' || kind === 'upsert') return values;
  const entityId = contacts[contact % (contacts.length + 1)]?.id ?? 'ffffffff-0000-4000-8000-000000000000';
  return { ...values, entityId };
}

function submissionOf({ kind, clearEmpty }: ContactAction): Submission {
  const processName = `contact${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  return { referenceId: newReference(), processName, ...(clearEmpty && { clearEmpty }) };
}

async function run(client: RollcallClient, submission: Submission, { records }: ContactAction): Promise<Outcome> {
  return expectConserved(client, await client.submitRecords(submission, [...records]));
}

function expectAnswers({ action: { counts }, rows }: Outcome, expected: readonly ExpectedRow[]): void {
  expect(rows.map(({ answer }) => answer)).toEqual(expected.map(({ answer }) => answer));
  expect(counts.rows).toBe(expected.length);
  const known = expected.map(({ contact }) => contact?.id);
  expect(rows.map(({ entityId }, index) => (known[index] === undefined ? undefined : entityId))).toEqual(known);
}

/** New contacts have the ids that the service gave them. */
function learnIds({ rows }: Outcome, expected: readonly ExpectedRow[]): void {
  for (const [index, { answer, contact }] of expected.entries()) {
    const id = rows[index]?.entityId;
    if (answer === 'created' && contact && id !== undefined) contact.id = id;
  }
}
