import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { WriteBounds } from '../model/write-bounds.ts';
import { runStatements, type Statement } from './statements.ts';

/** The key of an item. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** A conditional write and whose it is. */
export interface KeyedStatement extends Statement {
  readonly key: ItemKey;
}

/**
 * Runs conditional writes of which several may be of one item, which BatchExecuteStatement does not take in one call:
 * those have their turns one after the other. True for each that was applied.
 */
export async function runKeyed(
  client: DynamoDBClient,
  statements: readonly KeyedStatement[],
  bounds?: WriteBounds,
): Promise<boolean[]> {
  const applied = new Array<boolean>(statements.length);
  for (const turn of turnsOf(statements)) {
    const outcomes = await runStatements(
      client,
      turn.map((index) => {
        const { Statement, Parameters } = statements[index] as KeyedStatement;
        return { Statement, Parameters };
      }),
      bounds,
    );
    turn.forEach((index, position) => {
      applied[index] = outcomes[position] === 'applied';
    });
  }
  return applied;
}

/** The indexes of the statements, in as many turns as the item with the most of them has. */
function turnsOf(statements: readonly KeyedStatement[]): number[][] {
  const seen = new Map<string, number>();
  const turns = Map.groupBy(statements.keys(), (index) => {
    const name = JSON.stringify(statements[index]?.key);
    const turn = seen.get(name) ?? 0;
    seen.set(name, turn + 1);
    return turn;
  });
  return [...turns.values()];
}

/** The key as parameters of a statement, `pk` first. */
export function keyParameters({ pk, sk }: ItemKey): AttributeValue[] {
  return [{ S: pk }, { S: sk }];
}

/** The key as requests for items have it. */
export function marshalledKey({ pk, sk }: ItemKey): Record<string, AttributeValue> {
  return { pk: { S: pk }, sk: { S: sk } };
}
