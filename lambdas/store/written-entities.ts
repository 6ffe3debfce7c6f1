import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EntityEffect } from '../model/entity.ts';
import { type EntityHome, entityPartition } from './entity-keys.ts';
import { type EntityState, isThere, toState } from './entity-state.ts';
import { type Item, readItems } from './read-items.ts';

/** Whose writes are looked for. */
export interface Writer extends EntityHome {
  readonly referenceId: string;
  readonly processName: string;
  readonly actionId: string;
}

/**
 * What an action has written to the registry, whether or not its rows say so: for rows whose batch was stopped after the
 * entity and before the row.
 */
export class WrittenEntities {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /** By entity id, what the writer did to those entities that it wrote. Consistent. */
  async of(writer: Writer, entityIds: readonly string[]): Promise<Map<string, EntityEffect>> {
    const items = await readItems(this.client, {
      table: this.table,
      keys: entityIds.map((entityId) => ({ pk: { S: entityPartition(writer, entityId) }, sk: { S: entityId } })),
      attributes: ['sk', 'referenceId', 'processName', 'state'],
      consistent: true,
    });
    return new Map(
      items.flatMap((item) => {
        const effect = effectOf(item, writer);
        return effect ? [[item.sk?.S as string, effect] as const] : [];
      }),
    );
  }
}

function effectOf(item: Item, writer: Writer): EntityEffect | undefined {
  const state = toState(item);
  if (state) return changeOf(state, writer);
  // Its id follows from the row, so in its own reference and process it is the row's, whichever attempt created it.
  const isOwn = item.referenceId?.S === writer.referenceId && item.processName?.S === writer.processName;
  return isOwn ? 'created' : undefined;
}

function changeOf(state: EntityState, { actionId }: Writer): EntityEffect | undefined {
  // An id without a maker was only barred.
  if (state.createdBy === undefined || state.undone) return undefined;
  if (state.createdBy === actionId) return 'created';
  if (state.changedBy !== actionId) return undefined;
  return isThere(state) ? 'updated' : 'deleted';
}
