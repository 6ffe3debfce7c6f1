import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntityContext, EntityOutcome, EntityRequest } from '../../lambdas/entities/entity-target.ts';
import { Contacts, Killed, killedStore } from '../support/account-entities.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

function effectOf(outcome: EntityOutcome | undefined): string {
  if (outcome?.kind === 'done') return outcome.effect;
  return outcome?.kind === 'refused' ? outcome.error.code : String(outcome?.kind);
}

describe('GIVEN rows of contacts that there are not', () => {
  it('WHEN inserted, and their message comes twice THEN each is there once, as the action made it', async () => {
    const contacts = new Contacts(stores);
    const context = contacts.context('insert');
    const rows = ['a@x.org', 'b@x.org'].map((email) => contacts.newRow({ email, lastName: email }));
    const first = await contacts.apply(context, ...rows);
    expect(first.map(effectOf)).toEqual(['created', 'created']);
    expect(await contacts.apply(context, ...rows)).toEqual(first);
    expect(await contacts.all()).toHaveLength(2);
    const [state] = await Promise.all(rows.slice(0, 1).map((row) => contacts.stateOf(contacts.ownId(context, row))));
    expect(state).toMatchObject({ version: 1, createdBy: context.actionId, changedBy: context.actionId, marks: [] });
    await contacts.expectOrder();
  });

  it('WHEN some have been made meanwhile THEN an insert knows them and an upsert changes them', async () => {
    const contacts = new Contacts(stores);
    const [id] = await contacts.insert({ email: 'a@x.org', city: 'Beira' });
    const row = contacts.newRow({ email: 'a@x.org', phone: '+1', city: 'Pemba' });
    const inserted = await contacts.apply(contacts.context('insert'), row);
    expect(inserted).toEqual([{ kind: 'done', entityId: id, effect: 'known' }]);
    expect(await contacts.dataOf(id as string)).toEqual({ email: 'a@x.org', city: 'Beira' });
    const context = contacts.context('upsert');
    for (const _ of ['first', 'again']) {
      expect(await contacts.apply(context, row)).toEqual([{ kind: 'done', entityId: id, effect: 'updated' }]);
    }
    expect(await contacts.stateOf(id as string)).toMatchObject({ version: 2, changedBy: context.actionId });
    expect(await contacts.dataOf(id as string)).toEqual({ email: 'a@x.org', phone: '+1', city: 'Pemba' });
    await contacts.expectOrder();
  });

  it('WHEN a second unique value is of another THEN nothing half done is left', async () => {
    const contacts = new Contacts(stores);
    const [id] = await contacts.insert({ phone: '+1' });
    const row = contacts.newRow({ email: 'new@x.org', phone: '+1' });
    expect((await contacts.apply(contacts.context('insert'), row)).map(effectOf)).toEqual(['known']);
    await contacts.expectOrder();
    // What was barred is no bar to the row itself, once the value is free.
    const context = contacts.context('insert');
    await contacts.apply(context, row);
    const gone = contacts.context('delete');
    await contacts.apply(gone, contacts.changeRow(id as string, {}, { effect: 'deleted' }));
    expect((await contacts.apply(context, row)).map(effectOf)).toEqual(['created']);
    await contacts.expectOrder();
  });

  it('WHEN two rows of one batch want one value THEN the first has it', async () => {
    const contacts = new Contacts(stores);
    const rows = ['a@x.org', 'b@x.org'].map((email) => contacts.newRow({ email, phone: '+1' }));
    const outcomes = await contacts.apply(contacts.context('insert'), ...rows);
    expect(outcomes.map(effectOf).toSorted()).toEqual(['created', 'known']);
    await contacts.expectOrder();
  });
});

describe('GIVEN contacts', () => {
  it('WHEN updated THEN only what the row gives is changed, null clears, and the prior state is journaled', async () => {
    const contacts = new Contacts(stores);
    const [id = ''] = await contacts.insert({ email: 'a@x.org', phone: '+1', city: 'Beira', country: 'MZ' });
    const context = contacts.context('update');
    const row = contacts.changeRow(id, { email: 'b@x.org', phone: null, city: null, lastName: 'A' });
    for (const _ of ['first', 'again']) {
      expect(await contacts.apply(context, row)).toEqual([{ kind: 'done', entityId: id, effect: 'updated' }]);
    }
    const state = await contacts.stateOf(id);
    expect(state).toMatchObject({ version: 2, data: { email: 'b@x.org', country: 'MZ', lastName: 'A' } });
    const prior = await contacts.journal.read(context.actionId, state?.journal as string);
    expect(prior?.get(id)).toMatchObject({ version: 1, data: { email: 'a@x.org', city: 'Beira' } });
    await contacts.expectOrder();
    expect(await contacts.insert({ email: 'a@x.org' }, { phone: '+1' })).not.toContain(id);
  });

  it('WHEN another action changes one in between THEN a late repetition does not change it back', async () => {
    const contacts = new Contacts(stores);
    const [id = ''] = await contacts.insert({ email: 'a@x.org', city: 'Beira' });
    const first = contacts.context('update');
    const row = contacts.changeRow(id, { city: 'Pemba' });
    await contacts.apply(first, row);
    await contacts.apply(contacts.context('update'), contacts.changeRow(id, { city: 'Lichinga' }));
    expect((await contacts.apply(first, row)).map(effectOf)).toEqual(['updated']);
    expect(await contacts.dataOf(id)).toMatchObject({ city: 'Lichinga' });
  });

  it('WHEN an update wants the value of another THEN it is refused by name, and nothing half done is left', async () => {
    const contacts = new Contacts(stores);
    const [first = '', second = ''] = await contacts.insert({ email: 'a@x.org', phone: '+1' }, { email: 'b@x.org' });
    const row = contacts.changeRow(second, { email: 'c@x.org', phone: '+1' });
    const [outcome] = await contacts.apply(contacts.context('update'), row);
    expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'value_taken', column: 'phone', value: '+1' } });
    expect((outcome as { error: { message: string } }).error.message).toContain(first);
    expect(await contacts.dataOf(second)).toEqual({ email: 'b@x.org' });
    await contacts.expectOrder();
  });

  it('WHEN deleted THEN they are gone, their values are free, and a repetition is done; for others they are not there', async () => {
    const contacts = new Contacts(stores);
    const [id = ''] = await contacts.insert({ email: 'a@x.org' });
    const row = contacts.changeRow(id, {}, { effect: 'deleted' });
    const context = contacts.context('delete');
    for (const _ of ['first', 'again']) {
      expect((await contacts.apply(context, row)).map(effectOf)).toEqual(['deleted']);
    }
    expect(await contacts.all()).toEqual([]);
    await contacts.expectOrder();
    expect((await contacts.apply(contacts.context('delete'), row)).map(effectOf)).toEqual(['entity_not_found']);
    const update = contacts.changeRow(id, { city: 'Beira' });
    expect((await contacts.apply(contacts.context('update'), update)).map(effectOf)).toEqual(['entity_not_found']);
    expect(JSON.stringify(await contacts.stateOf(id))).not.toContain('a@x.org');
  });

  it('WHEN one that an upsert found is deleted meanwhile THEN a new one is made, if the row has all it needs', async () => {
    const contacts = new Contacts(stores);
    const [id = ''] = await contacts.insert({ email: 'a@x.org' });
    await contacts.apply(contacts.context('delete'), contacts.changeRow(id, {}, { effect: 'deleted' }));
    const row = contacts.changeRow(id, { email: 'a@x.org', city: null });
    const poor = await contacts.apply(contacts.context('upsert'), { ...row, missing: ['lastName'] });
    expect(poor.map(effectOf)).toEqual(['required']);
    const context = contacts.context('upsert');
    for (const _ of ['first', 'again']) expect((await contacts.apply(context, row)).map(effectOf)).toEqual(['created']);
    expect(await contacts.all()).toEqual([{ email: 'a@x.org' }]);
    await contacts.expectOrder();
  });

  it('WHEN an action made one and another deleted it THEN a late repetition does not bring it back', async () => {
    const contacts = new Contacts(stores);
    const context = contacts.context('insert');
    const row = contacts.newRow({ email: 'a@x.org' });
    const [made] = await contacts.apply(context, row);
    const { entityId } = made as { entityId: string };
    await contacts.apply(contacts.context('delete'), contacts.changeRow(entityId, {}, { effect: 'deleted' }));
    expect(await contacts.apply(context, row)).toEqual([made]);
    expect(await contacts.all()).toEqual([]);
    await contacts.expectOrder();
  });
});

describe('GIVEN a dry run', () => {
  it('WHEN applied THEN the outcomes are those of the real run after it, and nothing was written', async () => {
    const contacts = new Contacts(stores);
    const [a = '', b = ''] = await contacts.insert({ email: 'a@x.org', phone: '+1' }, { email: 'b@x.org' });
    const rows = [
      contacts.newRow({ email: 'a@x.org', city: 'Beira' }),
      contacts.newRow({ email: 'n@x.org', phone: '+2' }),
      contacts.newRow({ email: 'm@x.org', phone: '+2' }),
      contacts.changeRow(b, { phone: '+1' }),
      contacts.changeRow(a, { phone: '+3' }),
      contacts.changeRow('nobody', { email: 'o@x.org' }),
    ];
    for (const action of ['insert', 'upsert', 'update'] as const) {
      const context = contacts.context(action);
      const before = await contacts.all();
      const foreseen = await contacts.apply({ ...context, dryRun: true }, ...rows);
      expect(await contacts.all()).toEqual(before);
      await contacts.expectOrder();
      const real = await contacts.apply(context, ...rows);
      expect(foreseen.map(effectOf).toSorted()).toEqual(real.map(effectOf).toSorted());
    }
  });
});

describe('GIVEN many appliers at once', () => {
  it('WHEN they want overlapping values THEN no two have one, no guard is left over, and each row has an answer', async () => {
    const contacts = new Contacts(stores);
    const seed = await contacts.insert(
      ...Array.from({ length: 6 }, (_, n) => ({ email: `${n}@x.org`, phone: `+${n}` })),
    );
    let random = 7;
    const below = (limit: number) => {
      random = (random * 48_271) % 2_147_483_647;
      return random % limit;
    };
    const runs = Array.from({ length: 16 }, () => {
      const action = (['insert', 'upsert', 'update', 'delete'] as const)[below(4)] ?? 'insert';
      const context = contacts.context(action);
      const rows = Array.from({ length: 8 }, (_, index): EntityRequest => {
        const data = { email: `${below(14)}@x.org`, phone: `+${below(14)}`, n: below(1_000) };
        const own = { uniqueIdentifier: `row ${index}` };
        if (action === 'insert' || (action === 'upsert' && below(2) === 0)) return contacts.newRow(data, own);
        const effect = action === 'delete' ? 'deleted' : 'updated';
        return contacts.changeRow(seed[below(6)] as string, data, { ...own, effect });
      });
      return { context, rows };
    });
    // Each message comes twice, at the same time.
    const outcomes = await Promise.all([...runs, ...runs].map(({ context, rows }) => contacts.apply(context, ...rows)));
    await contacts.expectOrder();
    const kinds = outcomes.flat().map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['done', 'refused', ...(kinds.includes('transient') ? ['transient'] : [])]));
    // What was left for later finds its answer when nobody is in the way.
    for (const { context, rows } of runs) {
      const again = await contacts.apply(context, ...rows);
      expect(again.map(({ kind }) => kind)).not.toContain('transient');
    }
    await contacts.expectOrder();
  });
});

describe('GIVEN an applier that is killed', () => {
  /** One row of each kind of work. */
  async function scene() {
    const contacts = new Contacts(stores);
    const [a = '', b = '', c = ''] = await contacts.insert(
      { email: 'a@x.org', phone: '+1' },
      { email: 'b@x.org' },
      { email: 'c@x.org', phone: '+3' },
    );
    const work: [EntityContext, EntityRequest[]][] = [
      [
        contacts.context('upsert'),
        [
          contacts.newRow({ email: 'n@x.org', phone: '+7' }),
          contacts.newRow({ email: 'm@x.org', phone: '+3' }),
          contacts.newRow({ email: 'o@x.org' }),
          contacts.changeRow(a, { email: 'a2@x.org', phone: null }),
          contacts.changeRow(b, { email: 'b2@x.org', phone: '+3' }),
        ],
      ],
      [contacts.context('delete'), [a, c].map((id) => contacts.changeRow(id, {}, { effect: 'deleted' }))],
    ];
    return { contacts, work };
  }
  const answers = [
    ['created', 'updated', 'created', 'updated', 'value_taken'],
    ['deleted', 'deleted'],
  ];

  it.each([0.5, 1])(
    'WHEN its n-th write is its last, after %d of it, and the message comes again THEN all is as if nothing had been',
    async (share) => {
      for (const index of [0, 1]) {
        for (let nth = 1; ; nth++) {
          const { contacts, work } = await scene();
          const [context, rows] = work[index] as [EntityContext, EntityRequest[]];
          const killed = killedStore(nth, share);
          const requests = contacts.identified(context, rows);
          const dying = contacts.target(killed.entities).apply(requests, context);
          if (await dying.then(() => true, isKill)) break;
          const outcomes = await contacts.target(stores.entities, 0).apply(requests, context);
          expect(outcomes.map(effectOf), `killed at ${nth}`).toEqual(answers[index]);
          await contacts.expectOrder();
        }
      }
    },
  );

  function isKill(error: unknown): false {
    if (error instanceof Killed) return false;
    throw error;
  }
});

describe('GIVEN an action that is stopped', () => {
  it('WHEN it is between guard and entity THEN it leaves nothing half done', async () => {
    const contacts = new Contacts(stores);
    const stop = new AbortController();
    const context = contacts.context('insert', { stop: stop.signal });
    const entities = stoppingAfterGuards(stores, stop);
    const row = contacts.newRow({ email: 'a@x.org', phone: '+1' });
    const applying = contacts.target(entities).apply(contacts.identified(context, [row]), context);
    await expect(applying).rejects.toThrow('cancelled');
    expect(await contacts.all()).toEqual([]);
    await contacts.expectOrder();
  });
});

/** Fires `stop` as soon as guards have been put. */
function stoppingAfterGuards({ entities }: TestStores, stop: AbortController): TestStores['entities'] {
  return new Proxy(entities, {
    get(store, name, receiver) {
      if (name !== 'putGuards') return Reflect.get(store, name, receiver);
      return async (...args: Parameters<typeof store.putGuards>) => {
        const put = await store.putGuards(...args);
        stop.abort(new Error('cancelled'));
        return put;
      };
    },
  });
}
