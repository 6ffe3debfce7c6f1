import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntityContext, EntityOutcome, EntityRequest } from '../../lambdas/entities/entity-target.ts';
import type { RowAnswer } from '../../lambdas/model/row.ts';
import { undoEntities } from '../../lambdas/steps/undo-entities.ts';
import { Contacts, Killed, killedStore } from '../support/account-entities.ts';
import { boundaryOrigin, newBoundary } from '../support/shared-entities.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** Applies the rows, and answers what is needed to undo them. */
async function act(contacts: Contacts, context: EntityContext, ...rows: EntityRequest[]) {
  const outcomes = await contacts.apply(context, ...rows);
  return outcomes.map((outcome: EntityOutcome, index) => {
    if (outcome.kind !== 'done') throw new Error(`Row ${index} is ${outcome.kind}`);
    const { uniqueIdentifier, rowNumber } = rows[index] as EntityRequest;
    return { rowNumber, uniqueIdentifier, entityId: outcome.entityId, answer: outcome.effect as RowAnswer };
  });
}

function undo(contacts: Contacts, { actionId }: EntityContext, rows: Awaited<ReturnType<typeof act>>, own = stores) {
  const action = { accountId: contacts.accountId, actionId, processName: 'contactUpsert' };
  return undoEntities({ ...own, journal: contacts.journal }, action, rows);
}

/** What an upsert and a deletion have to do with, and what there was before. */
async function scene() {
  const contacts = new Contacts(stores);
  const [a = '', b = ''] = await contacts.insert(
    { email: 'a@x.org', phone: '+1', city: 'Beira' },
    { email: 'b@x.org', city: 'Pemba' },
  );
  const before = await contacts.all();
  return { contacts, a, b, before };
}

function byEmail(rows: unknown[]): unknown[] {
  return (rows as { email?: string }[]).toSorted((one, other) => String(one.email).localeCompare(String(other.email)));
}

describe('GIVEN an action that created, updated and deleted', () => {
  it('WHEN undone, once or again THEN all is as before, and the ids and values too', async () => {
    const { contacts, a, b, before } = await scene();
    const upsert = contacts.context('upsert');
    const upserted = await act(
      contacts,
      upsert,
      contacts.newRow({ email: 'n@x.org', phone: '+9' }),
      contacts.changeRow(a, { email: 'a2@x.org', phone: null, city: null }),
    );
    const deletion = contacts.context('delete');
    const deleted = await act(contacts, deletion, contacts.changeRow(b, {}, { effect: 'deleted' }));
    for (const _ of ['once', 'again']) {
      expect(await undo(contacts, upsert, upserted)).toMatchObject([{ kind: 'deleted' }, { kind: 'restored' }]);
      expect(await undo(contacts, deletion, deleted)).toEqual([{ rowNumber: 1, entityId: b, kind: 'restored' }]);
      expect(byEmail(await contacts.all())).toEqual(byEmail(before));
      await contacts.expectOrder();
    }
    const values = ['a@x.org', 'b@x.org'].map((value) => ({ field: 'email', value }));
    expect([...(await stores.entities.find(contacts.home, values)).values()]).toEqual([a, b]);
  });

  it('WHEN its rows changed one entity twice THEN it is what it was before both', async () => {
    const { contacts, a, before } = await scene();
    const context = contacts.context('update');
    const [first, second] = ['one', 'two'].map((city) => contacts.changeRow(a, { city }, { uniqueIdentifier: city }));
    if (!first || !second) throw new Error('There are two');
    const rows = [...(await act(contacts, context, first)), ...(await act(contacts, context, second))];
    expect(await undo(contacts, context, rows)).toMatchObject([{ kind: 'restored' }, { kind: 'restored' }]);
    expect(byEmail(await contacts.all())).toEqual(byEmail(before));
  });
});

describe('GIVEN others since', () => {
  it('WHEN they changed what it made or changed THEN that stays, and says why', async () => {
    const { contacts, a } = await scene();
    const context = contacts.context('upsert');
    const rows = await act(
      contacts,
      context,
      contacts.newRow({ email: 'n@x.org' }),
      contacts.changeRow(a, { city: 'Nampula' }),
    );
    const later = contacts.context('update');
    await act(contacts, later, ...rows.map(({ entityId }) => contacts.changeRow(entityId, { lastName: 'Later' })));
    const undone = await undo(contacts, context, rows);
    for (const row of undone) expect(row).toMatchObject({ kind: 'skipped', error: { code: 'changed_since' } });
    expect(JSON.stringify(undone)).toContain(later.actionId);
    expect(await contacts.dataOf(a)).toMatchObject({ city: 'Nampula', lastName: 'Later' });
  });

  it('WHEN they took a value that it gave up THEN the entity stays, and says whose it is', async () => {
    const { contacts, a, b } = await scene();
    const update = contacts.context('update');
    const updated = await act(contacts, update, contacts.changeRow(a, { email: 'a2@x.org' }));
    const deletion = contacts.context('delete');
    const deleted = await act(contacts, deletion, contacts.changeRow(b, {}, { effect: 'deleted' }));
    const taken = await contacts.insert({ email: 'a@x.org' }, { email: 'b@x.org' });
    const answers = [...(await undo(contacts, update, updated)), ...(await undo(contacts, deletion, deleted))];
    answers.forEach((answer, index) => {
      expect(answer).toMatchObject({ kind: 'skipped', error: { code: 'value_taken', column: 'email' } });
      expect(JSON.stringify(answer)).toContain(taken[index]);
    });
    await contacts.expectOrder();
  });

  it('WHEN the journal is not kept any more THEN the entity stays, and says so', async () => {
    const { contacts, a } = await scene();
    const context = contacts.context('update');
    const rows = await act(contacts, context, contacts.changeRow(a, { city: 'Nampula' }));
    const state = await contacts.stateOf(a);
    if (!state) throw new Error('It is there');
    const to = { ...state, version: state.version + 1, journal: 'gone' };
    await stores.entities.change(contacts.home, [{ entityId: a, from: state, to }]);
    expect(await undo(contacts, context, rows)).toMatchObject([
      { kind: 'skipped', error: { code: 'prior_state_gone' } },
    ]);
  });
});

describe('GIVEN an undoing that is killed', () => {
  it.each([0.5, 1])('WHEN at its n-th write, after %d of it THEN the next one ends it', async (share) => {
    for (let nth = 1; ; nth++) {
      const { contacts, a, b, before } = await scene();
      const context = contacts.context('upsert');
      const rows = await act(
        contacts,
        context,
        contacts.newRow({ email: 'n@x.org', phone: '+9' }),
        contacts.changeRow(a, { email: 'a2@x.org', phone: null }),
        contacts.changeRow(b, { email: 'b2@x.org', phone: '+8' }),
      );
      const { entities } = killedStore(nth, share);
      const dying = undo(contacts, context, rows, { ...stores, entities }).then(
        () => true,
        (error) => {
          if (error instanceof Killed) return false;
          throw error;
        },
      );
      if (await dying) break;
      expect(await undo(contacts, context, rows), `killed at ${nth}`).toMatchObject([
        { kind: 'deleted' },
        { kind: 'restored' },
        { kind: 'restored' },
      ]);
      expect(byEmail(await contacts.all())).toEqual(byEmail(before));
      await contacts.expectOrder();
    }
  });
});

describe('GIVEN entities of kinds that do not change', () => {
  it('WHEN the creation is undone THEN those that it made are gone, and others stay, as does what others stand below', async () => {
    const { accountId } = new Contacts(stores);
    const origin = boundaryOrigin(accountId, { actionId: 'A' });
    const [root, leaf, other] = [
      newBoundary(accountId, 'ROOT'),
      newBoundary(accountId, 'LEAF', 'ROOT'),
      newBoundary(accountId, 'OTHER'),
    ];
    if (!root || !leaf || !other) throw new Error('There are three');
    await stores.registry.create(origin, [root, leaf]);
    await stores.registry.create({ ...origin, actionId: 'B' }, [other]);
    const rows = [leaf, root, other].map(({ entityId, uniqueIdentifier }, index) => ({
      rowNumber: index + 1,
      entityId,
      uniqueIdentifier,
      answer: 'created' as const,
    }));
    const action = { accountId, actionId: 'A', processName: 'boundaryCreation' };
    const undoing = () => undoEntities({ ...stores, journal: new Contacts(stores).journal }, action, rows);
    const since = { kind: 'skipped', error: { code: 'changed_since' } };
    expect(await undoing()).toMatchObject([
      { kind: 'deleted' },
      { kind: 'skipped', error: { code: 'still_named' } },
      since,
    ]);
    for (const _ of ['once more', 'again']) {
      expect(await undoing()).toMatchObject([{ kind: 'deleted' }, { kind: 'deleted' }, since]);
    }
  });
});
