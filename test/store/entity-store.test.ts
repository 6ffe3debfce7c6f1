import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeEntities } from '../../lambdas/store/change-entities.ts';
import type { ClaimContext } from '../../lambdas/store/claim-values.ts';
import type { EntityState } from '../../lambdas/store/entity-state.ts';
import type { EntityStore, StateChange } from '../../lambdas/store/entity-store.ts';
import { Contacts } from '../support/account-entities.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const patient: Pick<ClaimContext, 'patienceMs'> = { patienceMs: 60_000 };
const impatient: Pick<ClaimContext, 'patienceMs'> = { patienceMs: -1 };

function stateOf(version: number, unique: Record<string, string>): EntityState {
  const now = new Date().toISOString();
  return { version, data: unique, unique, createdBy: 'A', createdAt: now, changedBy: 'A', updatedAt: now, marks: [] };
}

function creation(entityId: string, unique: Record<string, string>): StateChange {
  return { entityId, to: stateOf(1, unique) };
}

function change(entityId: string, from: EntityState, unique: Record<string, string>): StateChange {
  return { entityId, from, to: stateOf(from.version + 1, unique) };
}

async function make(contacts: Contacts, changes: readonly StateChange[], context = patient) {
  const outcomes = await changeEntities(stores.entities, changes, { home: contacts.home, ...context });
  return outcomes.map(({ kind }) => kind);
}

/** Guards the values of a change as one does that is about to make it, and stops there. */
async function halfDone(contacts: Contacts, { entityId, to }: StateChange): Promise<void> {
  const since = new Date().toISOString();
  await stores.entities.putGuards(
    contacts.home,
    Object.entries(to.unique).map(([field, value]) => ({ field, value, entityId, version: to.version, since })),
  );
}

describe('GIVEN unique values', () => {
  it('WHEN looked up THEN those of entities are found, and none of another account or another field', async () => {
    const [contacts, others] = [new Contacts(stores), new Contacts(stores)];
    await make(contacts, [creation('e1', { email: 'a', phone: '1' }), creation('e2', { email: 'b' })]);
    await halfDone(contacts, creation('e3', { email: 'c' }));
    const values = ['a', 'b', 'c', '1'].map((value) => ({ field: 'email', value }));
    const found = await stores.entities.find(contacts.home, [...values, { field: 'phone', value: '1' }]);
    expect(Object.fromEntries(found)).toEqual({ 'email\u0000a': 'e1', 'email\u0000b': 'e2', 'phone\u00001': 'e1' });
    expect(await stores.entities.find(others.home, values)).toEqual(new Map());
  });

  it('WHEN entities are asked for by id THEN those that are there are told, also of kinds that do not change', async () => {
    const contacts = new Contacts(stores);
    const { accountId } = contacts;
    const origin = { accountId, entity: 'facility', referenceId: 'cmp-1', processName: 'p', actionId: 'A' };
    await stores.registry.create(origin, [{ entityId: 'f1', uniqueIdentifier: 'F', data: {} }]);
    await make(contacts, [creation('e1', { email: 'a' }), creation('e2', { email: 'b' })]);
    const state = (await contacts.stateOf('e2')) as EntityState;
    const { data: _, ...gone } = { ...state, version: 2, unique: {} };
    await make(contacts, [{ entityId: 'e2', from: state, to: gone }]);
    expect(await stores.entities.exist(contacts.home, ['e1', 'e2', 'e3'])).toEqual(new Set(['e1']));
    expect(await stores.entities.exist({ accountId, entity: 'facility' }, ['f1', 'f2'])).toEqual(new Set(['f1']));
  });
});

describe('GIVEN two that want one value', () => {
  it('WHEN the one has it THEN the other is told who, and its own guards are given back', async () => {
    const contacts = new Contacts(stores);
    await make(contacts, [creation('e1', { phone: '1' })]);
    const outcomes = await changeEntities(stores.entities, [creation('e2', { email: 'a', phone: '1' })], {
      home: contacts.home,
    });
    expect(outcomes).toEqual([{ kind: 'taken', field: 'phone', value: '1', entityId: 'e1' }]);
    await contacts.expectOrder();
  });

  it('WHEN the one is on the way THEN the other waits; when it has been for too long THEN the other goes first', async () => {
    const contacts = new Contacts(stores);
    const slow = creation('e1', { email: 'a' });
    await halfDone(contacts, slow);
    expect(await make(contacts, [creation('e2', { email: 'a' })])).toEqual(['contested']);
    expect(await make(contacts, [creation('e2', { email: 'a' })], impatient)).toEqual(['made']);
    // The slow one was not dead at all, and comes too late.
    expect(await stores.entities.change(contacts.home, [slow])).toEqual([false]);
    expect(await make(contacts, [slow])).toEqual(['taken']);
    await contacts.expectOrder();
  });

  it('WHEN the one is on the way to another version and dies THEN the other goes first, and the first stays as it was', async () => {
    const contacts = new Contacts(stores);
    await make(contacts, [creation('e1', { email: 'a' })]);
    const from = (await contacts.stateOf('e1')) as EntityState;
    const slow = change('e1', from, { email: 'b' });
    await halfDone(contacts, slow);
    expect(await make(contacts, [creation('e2', { email: 'b' })], impatient)).toEqual(['made']);
    expect(await stores.entities.change(contacts.home, [slow])).toEqual([false]);
    expect(await contacts.dataOf('e1')).toEqual({ email: 'a' });
    await contacts.expectOrder();
  });

  it('WHEN the one has left a guard behind of a value that it lost THEN the other need not wait', async () => {
    const contacts = new Contacts(stores);
    await make(contacts, [creation('e1', { email: 'a' })]);
    const from = (await contacts.stateOf('e1')) as EntityState;
    await stores.entities.change(contacts.home, [change('e1', from, {})]);
    expect(await stores.entities.find(contacts.home, [{ field: 'email', value: 'a' }])).toEqual(new Map());
    expect(await make(contacts, [creation('e2', { email: 'a' })])).toEqual(['made']);
    await contacts.expectOrder();
  });

  it('WHEN an entity wants back the value that it lost, while its guard is about to be removed THEN it keeps it', async () => {
    const contacts = new Contacts(stores);
    await make(contacts, [creation('e1', { email: 'a' })]);
    const first = (await contacts.stateOf('e1')) as EntityState;
    await stores.entities.change(contacts.home, [change('e1', first, {})]);
    const without = (await contacts.stateOf('e1')) as EntityState;
    expect(await make(contacts, [change('e1', without, { email: 'a' })])).toEqual(['made']);
    // What was meant for the version without it.
    await stores.entities.removeGuards(contacts.home, [
      { field: 'email', value: 'a', entityId: 'e1', version: without.version },
    ]);
    await contacts.expectOrder();
  });
});

describe('GIVEN several attempts at one change', () => {
  it('WHEN one comes to nothing and gives back what another relies on THEN the other fails', async () => {
    const contacts = new Contacts(stores);
    await make(contacts, [creation('e9', { phone: '1' })]);
    const both = creation('e1', { email: 'a', phone: '1' });
    // One has found the phone free, and is about to write; the other finds it taken.
    await halfDone(contacts, creation('e1', { email: 'a' }));
    expect(await make(contacts, [both])).toEqual(['taken']);
    expect(await stores.entities.change(contacts.home, [both])).toEqual([false]);
    await contacts.expectOrder();
  });

  it('WHEN many race THEN one makes it, and all find it made', async () => {
    const contacts = new Contacts(stores);
    const runs = await Promise.all(
      Array.from({ length: 12 }, () => make(contacts, [creation('e1', { email: 'a', phone: '1' })])),
    );
    expect(runs.flat().toSorted()).toEqual(['made', ...Array(11).fill('overtaken')]);
    await contacts.expectOrder();
  });
});

describe('GIVEN interleavings of all kinds', () => {
  /** A store that gives way to the others before each call, for as long as a seed says. */
  function jittered(seed: number): EntityStore {
    let state = seed;
    return new Proxy(stores.entities, {
      get(store, name, receiver) {
        const member = Reflect.get(store, name, receiver);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          state = (state * 48_271) % 2_147_483_647;
          for (let turn = state % 12; turn > 0; turn--) await new Promise(setImmediate);
          return member.apply(store, args);
        };
      },
    });
  }

  it('WHEN changes that give each other way or not run at once THEN what is left is in order', {
    timeout: 60_000,
  }, async () => {
    const contacts = new Contacts(stores);
    const values = ['a', 'b', 'c', 'd'];
    const worker = async (number: number) => {
      const store = jittered(1_000 + number);
      for (let step = 0; step < 12; step++) {
        const entityId = `e${(number + step) % 4}`;
        const from = (await store.read(contacts.home, [entityId])).get(entityId);
        const pick = (offset: number) => values[(number * 3 + step * 5 + offset) % values.length] as string;
        const unique: Record<string, string> = step % 4 === 3 ? {} : { email: pick(0), phone: pick(step % 3) };
        const to = stateOf((from?.version ?? 0) + 1, unique);
        await changeEntities(store, [{ entityId, ...(from && { from }), to }], {
          home: contacts.home,
          ...(step % 2 === 0 ? patient : impatient),
        });
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, number) => worker(number)));
    await contacts.expectOrder();
  });
});
