import { describe, expect, it } from 'vitest';
import type { ActionKind } from '../../lambdas/model/action.ts';
import type { EntityFinder } from '../../lambdas/steps/entity-lookup.ts';
import { ChangePlanner } from '../../lambdas/steps/plan-change.ts';
import { uniqueKey } from '../../lambdas/store/entity-store.ts';

/** The account's contacts: their ids, and what they are found by. */
const contacts: Record<string, Record<string, string>> = {
  amina: { email: 'amina@example.org', phone: '+2581' },
  bento: { email: 'bento@example.org' },
};

const finder: EntityFinder = {
  find: async (_, values) => {
    const owners = Object.entries(contacts).flatMap(([id, fields]) =>
      Object.entries(fields).map(([field, value]) => [uniqueKey({ field, value }), id] as const),
    );
    const asked = new Set(values.map(uniqueKey));
    return new Map(owners.filter(([key]) => asked.has(key)));
  },
  exist: async (_, ids) => new Set(ids.filter((id) => id in contacts)),
};

/** What `action` plans for the row: `effect of entity`, or the codes of its errors. */
async function plan(action: ActionKind, row: Record<string, string | null>) {
  const process = { entity: 'contact', action, entityKeys: { unique: ['email', 'phone'], required: ['lastName'] } };
  const planner = await ChangePlanner.learn(finder, { accountId: 'acme', actionId: 'action', process }, [row]);
  const planned = planner.plan(row, 'identifier');
  if ('errors' in planned) return planned.errors.map(({ code, column }) => `${code} ${column}`).join(', ');
  return planned.entityId in contacts ? `${planned.effect} ${planned.entityId}` : planned.effect;
}

const lastName = 'Macuácua';

describe('GIVEN what the account has', () => {
  it.each<[ActionKind, Record<string, string | null>, string]>([
    ['insert', { email: 'new@example.org', lastName }, 'created'],
    ['insert', { email: 'amina@example.org', lastName }, 'known amina'],
    ['insert', { email: 'new@example.org', phone: '+2581', lastName }, 'known amina'],
    ['upsert', { email: 'new@example.org', lastName }, 'created'],
    ['upsert', { email: 'new@example.org' }, 'required lastName'],
    ['upsert', { email: 'amina@example.org' }, 'updated amina'],
    ['upsert', { email: 'changed@example.org', phone: '+2581' }, 'updated amina'],
    ['upsert', { email: 'bento@example.org', phone: '+2581' }, 'ambiguous_entity email'],
    ['update', { email: 'bento@example.org', phone: '+2589' }, 'updated bento'],
    ['update', { email: 'nobody@example.org' }, 'entity_not_found email'],
    ['update', { entityId: 'bento', email: 'changed@example.org' }, 'updated bento'],
    ['update', { entityId: 'bento', phone: '+2581' }, 'value_taken phone'],
    ['update', { entityId: 'nobody' }, 'entity_not_found entityId'],
    ['delete', { email: 'amina@example.org', phone: '+2581' }, 'deleted amina'],
    ['delete', { email: 'nobody@example.org', phone: '+2581' }, 'entity_not_found email'],
    ['delete', { entityId: 'bento', email: 'amina@example.org' }, 'ambiguous_entity entityId'],
  ])('WHEN a row is to %s %j THEN it is planned as %s', async (action, row, planned) => {
    expect(await plan(action, row)).toBe(planned);
  });
});

describe('GIVEN a row that clears fields', () => {
  it('WHEN it creates THEN there is nothing to clear, and what is never absent must be there', async () => {
    expect(await plan('upsert', { email: 'new@example.org', lastName, jobTitle: null })).toBe('created');
    expect(await plan('upsert', { email: 'new@example.org', lastName: null })).toBe('required lastName');
  });
});
