import { beforeAll, describe, expect, it } from 'vitest';
import type { Counts } from '../../lambdas/model/action.ts';
import { giveKey, newAccount } from '../support/accounts.ts';
import { changingEntities } from '../support/changing-entities.ts';
import { RollcallClient, type Submission } from '../support/client.ts';
import { expectConserved, type Outcome } from '../support/conservation.ts';
import { newReference } from '../support/references.ts';
import { csvFile, type Sheet } from '../support/sheet-files.ts';
import { type StackResources, sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const headers = ['E-mail address', 'Phone Number', 'lastName', 'jobTitle', 'company'];

/** CSV reports mark as text what a spreadsheet would take for a formula, but no plain number. */
const inReport = (cell: string) => (/^\+\d+\D/.test(cell) ? `'${cell}` : cell);

/** The answers of the rows, each with the code of its first error. */
function answers({ rows }: Outcome): string[] {
  return rows.map(({ answer, errors }) => (errors ? `${answer} ${errors[0]?.code}` : answer));
}

function without<Value extends object>(all: Value, ...names: (keyof Value)[]): Partial<Value> {
  const rest: Partial<Value> = { ...all };
  for (const name of names) delete rest[name];
  return rest;
}

describe.skipIf(!stack.resources)('GIVEN an account with contacts', () => {
  const resources = stack.resources as StackResources;
  const accountId = newAccount();
  let client: RollcallClient;
  let ids: Record<string, string>;

  async function run(processName: string, sheet: Sheet, own: Partial<Submission> = {}): Promise<Outcome> {
    const actionId = await client.submit({ referenceId: newReference(), processName, ...own }, csvFile(sheet));
    expect((await client.ended(actionId)).problem).toBeUndefined();
    return expectConserved(client, actionId, sheet, inReport);
  }

  /** The fields of the contacts, by last name. */
  async function contacts(): Promise<Record<string, Readonly<Record<string, unknown>>>> {
    const found = await changingEntities(resources, { accountId, entity: 'contact' });
    return Object.fromEntries([...found.values()].map((data) => [data.lastName as string, data]));
  }

  beforeAll(async () => {
    client = new RollcallClient(stack).withKey(await giveKey(resources, accountId));
    const companies = { headers: ['domain', 'name'], rows: [['https://www.Vida.example.org', 'VidaMed']] };
    expect((await run('companyInsert', companies)).action.counts.created).toBe(1);
    const { rows } = await run('contactInsert', {
      headers,
      rows: [
        ['Amina@Example.org', '+258 84 111 1111', 'Macuácua', 'Driver', 'vida.example.org'],
        ['', '00258 84 222 2222', 'Tembe', 'Nurse', ''],
        ['bento@example.org', '', 'Sitoe', 'Clerk', ''],
        // The second of them has the phone number of the first.
        ['other@example.org', '+258841111111', 'Twin', '', ''],
        ['', '', 'Nameless', '', ''],
        ['celia@example.org', '', 'Langa', '', 'nowhere.example.org'],
      ],
    });
    expect(rows.map(({ answer, errors }) => [answer, errors?.[0]?.code, errors?.[0]?.column])).toEqual([
      ['created', undefined, undefined],
      ['created', undefined, undefined],
      ['created', undefined, undefined],
      ['duplicate', 'duplicate_in_sheet', 'phone'],
      ['invalid', 'identifier_missing', 'email'],
      ['invalid', 'unknown_company', 'companyId'],
    ]);
    expect(rows[3]?.errors?.[0]?.message).toContain('Row 2 has the same phone');
    ids = Object.fromEntries(['Macuácua', 'Tembe', 'Sitoe'].map((name, index) => [name, rows[index]?.entityId ?? '']));
  });

  it('WHEN it is inserted THEN values have one form, and a reference is the id of what it names', async () => {
    const [company] = (await changingEntities(resources, { accountId, entity: 'company' })).keys();
    expect((await contacts()).Macuácua).toEqual({
      email: 'amina@example.org',
      phone: '+258841111111',
      lastName: 'Macuácua',
      jobTitle: 'Driver',
      companyId: company,
    });
  });

  it('WHEN half of a sheet is new THEN an upsert, tried first, does what the trial said, and the trial did nothing', async () => {
    const sheet = {
      headers: headers.slice(0, 4),
      rows: [
        ['amina@example.org', '', 'Macuácua', 'Head of Logistics'],
        ['', '+258 84 222 2222', '', 'Head Nurse'],
        ['new@example.org', '', 'Cossa', 'Pilot'],
        ['unnamed@example.org', '', '', ''],
        ['bento@example.org', '+258841111111', '', ''],
      ],
    };
    const before = await contacts();
    const trial = await run('contactUpsert', sheet, { dryRun: true });
    expect(trial.action).toMatchObject({ dryRun: true, status: 'completed_with_failures' });
    expect(trial.report.summary).toMatchObject({ dryRun: true });
    expect(await contacts()).toEqual(before);

    const real = await run('contactUpsert', sheet);
    expect(answers(real)).toEqual(['updated', 'updated', 'created', 'invalid required', 'invalid ambiguous_entity']);
    expect(real.action.dryRun).toBeUndefined();
    expect(answers(trial)).toEqual(answers(real));
    expect(trial.action.counts).toEqual(real.action.counts);
    expect(await contacts()).toEqual({
      ...before,
      Macuácua: { ...before.Macuácua, jobTitle: 'Head of Logistics' },
      Tembe: { ...before.Tembe, jobTitle: 'Head Nurse' },
      Cossa: { email: 'new@example.org', lastName: 'Cossa', jobTitle: 'Pilot' },
    });
  });

  it('WHEN cells are empty THEN their fields stay, unless they are to be cleared; what is required never is', async () => {
    const sheet = {
      headers: ['id', 'jobTitle', 'companyId', 'lastName'],
      rows: [
        [ids.Macuácua ?? '', '', '', 'Macuácua'],
        [ids.Sitoe ?? '', 'Archivist', '', ''],
      ],
    };
    const before = await contacts();
    const kept = await run('contactUpdate', sheet);
    expect(answers(kept)).toEqual(['updated', 'updated']);
    expect(await contacts()).toEqual({ ...before, Sitoe: { ...before.Sitoe, jobTitle: 'Archivist' } });

    const cleared = await run('contactUpdate', sheet, { clearEmpty: true });
    expect(answers(cleared)).toEqual(['updated', 'invalid cannot_clear']);
    expect((await contacts()).Macuácua).toEqual(without(before.Macuácua ?? {}, 'jobTitle', 'companyId'));
  });

  it('WHEN records lack a field THEN it stays, also where later records have it', async () => {
    const submission = { referenceId: newReference(), processName: 'contactUpdate', clearEmpty: true };
    const before = await contacts();
    const records = [
      { id: ids.Tembe, lastName: 'Tembe' },
      { id: ids.Sitoe, lastName: 'Sitoe', jobTitle: '' },
    ];
    const outcome = await expectConserved(client, await client.submitRecords(submission, records));
    expect(answers(outcome)).toEqual(['updated', 'updated']);
    expect(await contacts()).toEqual({ ...before, Sitoe: without(before.Sitoe ?? {}, 'jobTitle') });
  });

  it('WHEN one change is asked for many THEN each that is there has it', async () => {
    const submission = { referenceId: newReference(), processName: 'contactUpdate' };
    const entityIds = [ids.Tembe, ids.Sitoe, crypto.randomUUID(), ids.Tembe] as string[];
    const actionId = await client.submitEntities(submission, { entityIds, fieldsToUpdate: { city: 'Beira' } });
    const outcome = await expectConserved(client, actionId);
    expect(answers(outcome)).toEqual([
      'updated',
      'updated',
      'invalid entity_not_found',
      'duplicate duplicate_in_sheet',
    ]);
    const after = await contacts();
    expect([after.Tembe?.city, after.Sitoe?.city, after.Macuácua?.city]).toEqual(['Beira', 'Beira', undefined]);
  });

  it.each([
    [
      'fields that there are not',
      { fieldsToUpdate: { shoeSize: 44, colour: 'red' } },
      ['fieldsToUpdate.shoeSize', 'fieldsToUpdate.colour'],
    ],
    ['nothing', { fieldsToUpdate: {} }, ['fieldsToUpdate']],
    ['empty values, and not that they clear', { fieldsToUpdate: { city: null } }, ['fieldsToUpdate.city']],
    ['a process that only creates', { processName: 'contactInsert' }, ['entityIds']],
  ])('WHEN a change names %s THEN it is refused, naming it', async (_, own, paths) => {
    const body = { referenceId: newReference(), processName: 'contactUpdate', entityIds: [ids.Tembe], ...own };
    const answer = await client.post<{ errors: { path: string }[] }>('/api/bulk-actions', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.errors.map(({ path }) => path)).toEqual(paths);
  });

  it("WHEN another account names this one's contacts THEN they do not exist, and may be inserted", async () => {
    const other = client.withKey(await giveKey(resources, newAccount()));
    const submission = { referenceId: newReference(), processName: 'contactDelete' };
    const foreign = await other.submitEntities(submission, { entityIds: [ids.Tembe as string] });
    expect(answers(await expectConserved(other, foreign))).toEqual(['invalid entity_not_found']);
    const records = [{ email: 'amina@example.org', lastName: 'Namesake' }];
    const own = await other.submitRecords({ ...submission, processName: 'contactInsert' }, records);
    expect(answers(await expectConserved(other, own))).toEqual(['created']);
    expect(Object.keys(await contacts())).toEqual(expect.arrayContaining(['Tembe', 'Macuácua']));
  });

  it('WHEN contacts are deleted THEN they are gone, and their values are free', async () => {
    const before = await contacts();
    const sheet = {
      headers: ['email', 'phone'],
      rows: [
        ['bento@example.org', ''],
        ['nobody@example.org', ''],
        ['', '+258842222222'],
      ],
    };
    const deleted = await run('contactDelete', sheet);
    expect(answers(deleted)).toEqual(['deleted', 'invalid entity_not_found', 'deleted']);
    expect(deleted.action.counts).toMatchObject({ deleted: 2, invalid: 1 } satisfies Partial<Counts>);
    expect(await contacts()).toEqual(without(before, 'Sitoe', 'Tembe'));

    const again = {
      headers: ['email', 'lastName'],
      rows: [
        ['bento@example.org', 'Successor'],
        ['amina@example.org', 'x'],
      ],
    };
    const inserted = await run('contactInsert', again);
    expect(answers(inserted)).toEqual(['created', 'known']);
    expect(inserted.rows[1]?.entityId).toBe(ids.Macuácua);
    expect(inserted.rows[0]?.entityId).not.toBe(ids.Sitoe);
  });
});
