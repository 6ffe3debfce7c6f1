import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { EntityEffect } from '../model/entity.ts';
import { entityIdOf, type RowIdentity, shardCount, shardOf } from '../model/identity.ts';
import type { RowData, RowError, RowStatus } from '../model/row.ts';
import { isActionScope, type RowScope } from '../model/row-scope.ts';
import { concurrently } from './concurrently.ts';
import { type Item, readItems } from './read-items.ts';
import { readNeighbours } from './read-neighbours.ts';
import { runStatements } from './statements.ts';

export type { RowScope };

/** A row about to be tracked. */
export interface NewRow {
  readonly uniqueIdentifier: string;
  readonly rowNumber: number;
  readonly data: RowData;
  /** The entity that is meant, or is to be made; absent where its id follows from the row's identity. */
  readonly entityId?: string;
}

/** A row with what became of it: the entity, or the error. */
export interface EndedRow extends NewRow {
  readonly entityId: string;
  /** What the row did to its entity, where that is not what was planned. */
  readonly effect?: EntityEffect;
  /** Why it failed; absent for a row that has succeeded. */
  readonly error?: RowError;
}

/** A row as the tracking table holds it. */
export interface TrackedRow {
  readonly uniqueIdentifier: string;
  readonly status: RowStatus;
  /** The row's number in the sheet of `actionId`. */
  readonly rowNumber: number;
  /** The action that answers for the row now. */
  readonly actionId: string;
  readonly entityId: string;
  readonly error?: RowError;
  /** What the row did to its entity, where that is not what was planned. */
  readonly effect?: EntityEffect;
}

/** A tracked row with its values, as a revival needs it. */
export interface TrackedRowWithData extends TrackedRow {
  readonly data: RowData;
  /** The boundaries that a later sheet asked for; absent while they are those of `data`. */
  readonly boundaries?: readonly string[];
}

/** A row as it is inserted. Its status is one of few, so it stands in the statement itself. */
interface InsertedRow {
  readonly uniqueIdentifier: string;
  readonly status: RowStatus;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

const trackedAttributes = ['sk', 'status', 'rowNumber', 'actionId', 'entityId', 'error', 'effect'];
const dataAttributes = [...trackedAttributes, 'rowData', 'boundaries'];
const updatesAtATime = 16;

/**
 * Which rows exist and what became of them. PK `accountId#referenceId#type#shard`, SK `uniqueIdentifier`. Uniqueness is
 * the conditional insert itself.
 */
export class TrackingTable {
  /** Sets an attribute of rows that are pending in the action; all others stay as they are. */
  private async setPending(
    scope: RowScope,
    actionId: string,
    attribute: 'entityId' | 'effect',
    rows: readonly { uniqueIdentifier: string; value: string }[],
  ): Promise<void> {
    const statement = `UPDATE "${this.table}" SET "${attribute}"=? WHERE pk=? AND sk=? AND "status"='pending' AND "actionId"=?`;
    await runStatements(
      this.client,
      rows.map(({ uniqueIdentifier, value }) => ({
        Statement: statement,
        Parameters: [
          { S: value },
          { S: partitionKey(scope, uniqueIdentifier) },
          { S: uniqueIdentifier },
          { S: actionId },
        ],
      })),
    );
  }

  private readonly client: DynamoDBClient;
  private readonly table: string;
  private readonly ownRowDays: number | undefined;

  /** `ownRowDays`: after so many days rows that are one action's own go by themselves; absent: never. */
  constructor(client: DynamoDBClient, table: string, ownRowDays?: number) {
    this.client = client;
    this.table = table;
    this.ownRowDays = ownRowDays;
  }

  /**
   * Inserts rows as `pending` of the action; false for each that was there already.
   * @param entityId the id of the entity that a row is to become, where the row does not say
   */
  async insertPending(
    scope: RowScope,
    actionId: string,
    rows: readonly NewRow[],
    entityId: (identity: RowIdentity) => string = entityIdOf,
  ): Promise<boolean[]> {
    return this.insert(
      scope,
      rows.map(({ entityId: known, ...row }) => ({
        uniqueIdentifier: row.uniqueIdentifier,
        status: 'pending',
        attributes: attributesOf(actionId, {
          ...row,
          entityId: known ?? entityId({ ...scope, uniqueIdentifier: row.uniqueIdentifier }),
        }),
      })),
    );
  }

  /** Inserts rows as `success` or `failed` of the action; false for each that was there already, as whatever. */
  insertEnded(scope: RowScope, actionId: string, rows: readonly EndedRow[]): Promise<boolean[]> {
    const now = new Date().toISOString();
    return this.insert(
      scope,
      rows.map(({ error, effect, ...row }) => ({
        uniqueIdentifier: row.uniqueIdentifier,
        status: error ? 'failed' : 'success',
        attributes: {
          ...attributesOf(actionId, row),
          ...(effect && { effect: { S: effect } }),
          ...(error && { error: { S: JSON.stringify(error) }, attempts: { N: '1' }, updatedAt: { S: now } }),
        },
      })),
    );
  }

  private async insert(scope: RowScope, rows: readonly InsertedRow[]): Promise<boolean[]> {
    const expiry = this.expiryOf(scope);
    const outcomes = await runStatements(
      this.client,
      rows.map(({ uniqueIdentifier, status, attributes }) => {
        const others = { ...attributes, ...expiry };
        const names = Object.keys(others).map((name) => `,'${name}':?`);
        return {
          Statement: `INSERT INTO "${this.table}" VALUE {'pk':?,'sk':?,'status':'${status}'${names.join('')}}`,
          Parameters: [{ S: partitionKey(scope, uniqueIdentifier) }, { S: uniqueIdentifier }, ...Object.values(others)],
        };
      }),
    );
    return outcomes.map((outcome) => outcome === 'applied');
  }

  /** Reads rows by identifier. Eventually consistent reads may lag behind by a moment, but never run ahead. */
  async read(
    scope: RowScope,
    uniqueIdentifiers: readonly string[],
    consistent: boolean,
  ): Promise<Map<string, TrackedRow>> {
    const items = await readItems(this.client, {
      table: this.table,
      keys: uniqueIdentifiers.map((id) => this.key(scope, id)),
      attributes: trackedAttributes,
      consistent,
    });
    return new Map(items.map((item) => [item.sk?.S as string, toTrackedRow(item)]));
  }

  /**
   * The ids of the entities that exist, by identifier: those of rows that have succeeded. Costs least where the
   * identifiers follow each other in the table.
   */
  async entityIds(scope: RowScope, uniqueIdentifiers: readonly string[]): Promise<Map<string, string>> {
    const items = await readNeighbours(this.client, {
      table: this.table,
      keys: [...new Set(uniqueIdentifiers)].map((id) => this.key(scope, id)),
      attributes: ['sk', 'status', 'entityId'],
      consistent: true,
    });
    const created = items.filter((item) => item.status?.S === 'success');
    return new Map(created.map((item) => [item.sk?.S as string, item.entityId?.S as string]));
  }

  /** Reads rows with their values, consistently. */
  async readWithData(scope: RowScope, uniqueIdentifiers: readonly string[]): Promise<Map<string, TrackedRowWithData>> {
    const items = await readItems(this.client, {
      table: this.table,
      keys: uniqueIdentifiers.map((id) => this.key(scope, id)),
      attributes: dataAttributes,
      consistent: true,
    });
    return new Map(items.map((item) => [item.sk?.S as string, toTrackedRowWithData(item)]));
  }

  /** Notes the boundaries that a later sheet wants for an entity; the values that it was created with stay. */
  setBoundaries(scope: RowScope, uniqueIdentifier: string, boundaries: readonly string[]): Promise<boolean> {
    return this.update({
      Key: this.key(scope, uniqueIdentifier),
      UpdateExpression: 'SET boundaries = :boundaries, updatedAt = :now',
      ConditionExpression: '#status = :success',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':boundaries': { S: JSON.stringify(boundaries) },
        ':now': { S: new Date().toISOString() },
        ':success': { S: 'success' },
      },
    });
  }

  /**
   * Makes an unsettled row of another action this action's, pending and with new values. False when the row has
   * changed since it was read as `seen`.
   */
  takeOver(scope: RowScope, actionId: string, row: NewRow, seen: TrackedRow): Promise<boolean> {
    return this.update({
      Key: this.key(scope, row.uniqueIdentifier),
      UpdateExpression:
        'SET #status = :pending, actionId = :action, rowNumber = :number, rowData = :data, updatedAt = :now REMOVE #error',
      ConditionExpression: '#status = :seen AND actionId = :seenAction',
      ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
      ExpressionAttributeValues: {
        ':pending': { S: 'pending' },
        ':action': { S: actionId },
        ':number': { N: String(row.rowNumber) },
        ':data': { S: JSON.stringify(row.data) },
        ':now': { S: new Date().toISOString() },
        ':seen': { S: seen.status },
        ':seenAction': { S: seen.actionId },
      },
    });
  }

  /** Sets `success` on rows that are pending in the action; false for each that was not. */
  async markSuccess(scope: RowScope, actionId: string, uniqueIdentifiers: readonly string[]): Promise<boolean[]> {
    const statement = `UPDATE "${this.table}" SET "status"='success' WHERE pk=? AND sk=? AND "status"='pending' AND "actionId"=?`;
    const outcomes = await runStatements(
      this.client,
      uniqueIdentifiers.map((id) => ({
        Statement: statement,
        Parameters: [{ S: partitionKey(scope, id) }, { S: id }, { S: actionId }],
      })),
    );
    return outcomes.map((outcome) => outcome === 'applied');
  }

  /** Stores the ids that an outside service gave, before the rows' success says that they are there. */
  async setEntityIds(
    scope: RowScope,
    actionId: string,
    ids: readonly { uniqueIdentifier: string; entityId: string }[],
  ): Promise<void> {
    await this.setPending(
      scope,
      actionId,
      'entityId',
      ids.map(({ uniqueIdentifier, entityId }) => ({ uniqueIdentifier, value: entityId })),
    );
  }

  /** Notes, before their success says that they are through, what rows did that was not planned for them. */
  async noteEffects(
    scope: RowScope,
    actionId: string,
    rows: readonly { uniqueIdentifier: string; effect: EntityEffect }[],
  ): Promise<void> {
    await this.setPending(
      scope,
      actionId,
      'effect',
      rows.map(({ uniqueIdentifier, effect }) => ({ uniqueIdentifier, value: effect })),
    );
  }

  /** Sets `failed` with the reason on rows that are pending in the action; false for each that was not. */
  markFailed(
    scope: RowScope,
    actionId: string,
    rows: readonly { uniqueIdentifier: string; error: RowError }[],
  ): Promise<boolean[]> {
    return concurrently(rows, updatesAtATime, ({ uniqueIdentifier, error }) =>
      this.update({
        Key: this.key(scope, uniqueIdentifier),
        UpdateExpression: 'SET #status = :failed, #error = :error, updatedAt = :now ADD attempts :one',
        ConditionExpression: '#status = :pending AND actionId = :action',
        ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
        ExpressionAttributeValues: {
          ':failed': { S: 'failed' },
          ':error': { S: JSON.stringify(error) },
          ':now': { S: new Date().toISOString() },
          ':one': { N: '1' },
          ':pending': { S: 'pending' },
          ':action': { S: actionId },
        },
      }),
    );
  }

  /** Makes unsettled rows pending in the action, with the values they have; false for each that has succeeded. */
  revive(scope: RowScope, actionId: string, uniqueIdentifiers: readonly string[]): Promise<boolean[]> {
    return concurrently(uniqueIdentifiers, updatesAtATime, (uniqueIdentifier) =>
      this.update({
        Key: this.key(scope, uniqueIdentifier),
        UpdateExpression: 'SET #status = :pending, actionId = :action, updatedAt = :now REMOVE #error',
        ConditionExpression: '#status IN (:pending, :failed)',
        ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
        ExpressionAttributeValues: {
          ':pending': { S: 'pending' },
          ':failed': { S: 'failed' },
          ':action': { S: actionId },
          ':now': { S: new Date().toISOString() },
        },
      }),
    );
  }

  /** Removes rows that have succeeded in the action; others stay, and what is gone is as it should be. */
  async forget(scope: RowScope, actionId: string, uniqueIdentifiers: readonly string[]): Promise<void> {
    const statement = `DELETE FROM "${this.table}" WHERE pk=? AND sk=? AND "actionId"=? AND "status"='success'`;
    await runStatements(
      this.client,
      uniqueIdentifiers.map((id) => ({
        Statement: statement,
        Parameters: [{ S: partitionKey(scope, id) }, { S: id }, { S: actionId }],
      })),
    );
  }

  /** All rows of the scope that are failed or pending, page by page, from its 16 partitions one after the other. */
  async *unsettled(scope: RowScope): AsyncGenerator<TrackedRowWithData[]> {
    for (let shard = 0; shard < shardCount; shard++) {
      const pages = paginateQuery(
        { client: this.client },
        {
          TableName: this.table,
          KeyConditionExpression: 'pk = :pk',
          FilterExpression: '#status <> :success',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':pk': { S: shardKey(scope, shard) }, ':success': { S: 'success' } },
          ConsistentRead: true,
        },
      );
      for await (const page of pages) {
        const rows = (page.Items ?? []).map(toTrackedRowWithData);
        if (rows.length > 0) yield rows;
      }
    }
  }

  /** The second after which the rows may go. Rows that others share stay: they are what makes a sheet's second coming known. */
  private expiryOf(scope: RowScope): Record<string, AttributeValue> {
    if (this.ownRowDays === undefined || !isActionScope(scope)) return {};
    return { expiresAt: { N: String(Math.floor(Date.now() / 1_000) + this.ownRowDays * 86_400) } };
  }

  private key(scope: RowScope, uniqueIdentifier: string): Record<string, AttributeValue> {
    return { pk: { S: partitionKey(scope, uniqueIdentifier) }, sk: { S: uniqueIdentifier } };
  }

  private async update(input: Omit<ConstructorParameters<typeof UpdateItemCommand>[0], 'TableName'>): Promise<boolean> {
    try {
      await this.client.send(new UpdateItemCommand({ TableName: this.table, ...input }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

function shardKey(scope: RowScope, shard: number): string {
  return `${scope.accountId}#${scope.referenceId}#${scope.type}#${shard}`;
}

function partitionKey(scope: RowScope, uniqueIdentifier: string): string {
  return shardKey(scope, shardOf(uniqueIdentifier));
}

/** What every row says of itself, its key and status apart. */
function attributesOf(actionId: string, row: NewRow & { readonly entityId: string }): Record<string, AttributeValue> {
  return {
    rowData: { S: JSON.stringify(row.data) },
    rowNumber: { N: String(row.rowNumber) },
    actionId: { S: actionId },
    entityId: { S: row.entityId },
  };
}

function toTrackedRow(item: Item): TrackedRow {
  return {
    uniqueIdentifier: item.sk?.S as string,
    status: item.status?.S as RowStatus,
    rowNumber: Number(item.rowNumber?.N),
    actionId: item.actionId?.S as string,
    entityId: item.entityId?.S as string,
    ...(item.error?.S !== undefined && { error: JSON.parse(item.error.S) as RowError }),
    ...(item.effect?.S !== undefined && { effect: item.effect.S as EntityEffect }),
  };
}

function toTrackedRowWithData(item: Item): TrackedRowWithData {
  return {
    ...toTrackedRow(item),
    data: JSON.parse(item.rowData?.S ?? '{}') as RowData,
    ...(item.boundaries?.S !== undefined && { boundaries: JSON.parse(item.boundaries.S) as string[] }),
  };
}
