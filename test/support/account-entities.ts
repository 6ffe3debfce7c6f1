import { randomUUID } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import { AccountEntitiesTarget } from '../../lambdas/entities/account-entities.ts';
import type { EntityContext, EntityOutcome, EntityRequest } from '../../lambdas/entities/entity-target.ts';
import type { ActionKind } from '../../lambdas/model/action.ts';
import { actionEntityIdOf } from '../../lambdas/model/identity.ts';
import { EntityJournal } from '../../lambdas/store/entity-journal.ts';
import { type EntityState, isThere, toState } from '../../lambdas/store/entity-state.ts';
import { EntityStore } from '../../lambdas/store/entity-store.ts';
import type { TestStores } from './stores.ts';

/** The contacts of one account, of which email and phone are unique, and what actions make of them. */
export class Contacts {
  readonly accountId = `t-${randomUUID()}`;
  readonly home = { accountId: this.accountId, entity: 'contact' };
  readonly stores: TestStores;
  readonly journal: EntityJournal;

  constructor(stores: TestStores) {
    this.stores = stores;
    this.journal = new EntityJournal(stores.bucket);
  }

  context(action: ActionKind, own: Partial<EntityContext> = {}): EntityContext {
    const processName = `contact${action}`;
    return { ...this.home, referenceId: 'cmp-1', processName, actionId: randomUUID(), action, ...own };
  }

  /** A row as staging would hand it on when there is no such entity yet. */
  newRow(data: Record<string, unknown>, own: Partial<EntityRequest> = {}): EntityRequest {
    const uniqueIdentifier = String(data.email ?? data.phone ?? 'nobody');
    return { ...row(data), uniqueIdentifier, effect: 'created', entityId: '', ...own };
  }

  /** A row as staging would hand it on when it has found the entity. */
  changeRow(entityId: string, data: Record<string, unknown>, own: Partial<EntityRequest> = {}): EntityRequest {
    return { ...row(data), uniqueIdentifier: `entityId:${entityId}`, effect: 'updated', entityId, ...own };
  }

  /** Without `patienceMs` as functions have it; 0 is for when nobody else is under way. */
  target(entities: EntityStore = this.stores.entities, patienceMs?: number): AccountEntitiesTarget {
    return new AccountEntitiesTarget({ entities, journal: this.journal }, patienceMs);
  }

  apply(context: EntityContext, ...requests: EntityRequest[]): Promise<EntityOutcome[]> {
    return this.target().apply(this.identified(context, requests), context);
  }

  /** The requests with the ids that new entities are to have. */
  identified(context: EntityContext, requests: readonly EntityRequest[]): EntityRequest[] {
    return requests.map((request) => ({ ...request, entityId: request.entityId || this.ownId(context, request) }));
  }

  ownId({ actionId }: EntityContext, { uniqueIdentifier }: EntityRequest): string {
    return actionEntityIdOf(this.accountId, 'contact', { actionId, uniqueIdentifier });
  }

  /** Inserts contacts and answers their ids. */
  async insert(...rows: Record<string, unknown>[]): Promise<string[]> {
    const outcomes = await this.apply(this.context('insert'), ...rows.map((data) => this.newRow(data)));
    return outcomes.map((outcome) => (outcome.kind === 'done' ? outcome.entityId : outcome.kind));
  }

  async stateOf(entityId: string): Promise<EntityState | undefined> {
    return (await this.stores.entities.read(this.home, [entityId])).get(entityId);
  }

  async dataOf(entityId: string): Promise<unknown> {
    return (await this.stateOf(entityId))?.data;
  }

  /** The data of all that there are, in no order. */
  async all(): Promise<unknown[]> {
    return (await this.items()).entities.map(({ state }) => state.data);
  }

  /** No two have one value, each value is guarded for its owner, and no guard is left over. */
  async expectOrder(): Promise<void> {
    const { entities, guards } = await this.items();
    const owned = entities.flatMap(({ entityId, state }) =>
      Object.entries(state.unique).map(([field, value]) => `${field} ${value} of ${entityId}`),
    );
    expect(guards.toSorted()).toEqual(owned.toSorted());
    const values = owned.map((text) => text.split(' of ')[0]);
    expect(new Set(values).size).toBe(values.length);
  }

  private async items() {
    const entities: { entityId: string; state: EntityState }[] = [];
    const guards: string[] = [];
    let from: Awaited<ReturnType<typeof this.page>>['LastEvaluatedKey'];
    do {
      const page = await this.page(from);
      for (const item of page.Items ?? []) {
        const [, field] = /#unique:contact:(\w+)#/.exec(item.pk?.S ?? '') ?? [];
        const state = toState(item);
        if (field !== undefined) guards.push(`${field} ${item.sk?.S} of ${item.entityId?.S}`);
        else if (isThere(state)) entities.push({ entityId: item.sk?.S as string, state });
      }
      from = page.LastEvaluatedKey;
    } while (from);
    return { entities, guards };
  }

  private page(from: ScanCommand['input']['ExclusiveStartKey']) {
    return this.stores.dynamodb.send(
      new ScanCommand({
        TableName: this.stores.registryTable,
        FilterExpression: 'begins_with(pk, :account)',
        ExpressionAttributeValues: { ':account': { S: `${this.accountId}#` } },
        ConsistentRead: true,
        ExclusiveStartKey: from,
      }),
    );
  }
}

function row(data: Record<string, unknown>): Pick<EntityRequest, 'rowNumber' | 'data' | 'unique'> {
  const given = Object.entries(data).filter(([field, value]) => ['email', 'phone'].includes(field) && value !== null);
  return { rowNumber: 1, data, unique: Object.fromEntries(given) as Record<string, string> };
}

/** The function was killed. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/**
 * A store whose process is killed at its n-th call that writes: after the first half of the call's statements has been
 * carried out, or, when `share` says so, none or all of them.
 */
export function killedStore(nth: number, share = 0.5): { entities: EntityStore; hasStruck: () => boolean } {
  const client = new DynamoDBClient({});
  let calls = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'BatchExecuteStatementCommand') return next(args);
      calls++;
      if (calls < nth) return next(args);
      const { Statements } = args.input as { Statements: unknown[] };
      const done = Statements.slice(0, Math.floor(Statements.length * share));
      if (calls === nth && done.length > 0) await next({ ...args, input: { Statements: done } as typeof args.input });
      throw new Killed(`at write ${nth}`);
    },
    { step: 'initialize' },
  );
  return { entities: new EntityStore(client, 'registry'), hasStruck: () => calls >= nth };
}
