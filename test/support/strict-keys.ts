import type { AttributeValue, DynamoDBClient, QueryCommandInput } from '@aws-sdk/client-dynamodb';

/** Bytes of a sort key at most; of a partition key twice as many. */
const keyBytes = 1_024;

/**
 * Makes a client refuse queries that DynamoDB refuses and the embedded one answers: no key is empty or longer than keys
 * may be, so none is compared with such a thing, and no page goes on from one.
 */
export function refuseWhatDynamoRefuses(client: DynamoDBClient): void {
  client.middlewareStack.add(
    (next) => (call) => {
      const { KeyConditionExpression: keys, ExclusiveStartKey = {}, ...input } = call.input as QueryCommandInput;
      const compared = keys === undefined ? [] : namedIn(keys, input.ExpressionAttributeValues ?? {});
      for (const { S: text } of [...compared, ...Object.values(ExclusiveStartKey)]) {
        if (text === '' || Buffer.byteLength(text ?? '') > keyBytes) throw new InvalidQuery(`${keys}: "${text}"`);
      }
      return next(call);
    },
    // Behind the serializer the document client's values, too, have their types.
    { step: 'build', name: 'refuseWhatDynamoRefuses' },
  );
}

function namedIn(expression: string, values: Record<string, AttributeValue>): AttributeValue[] {
  return Object.entries(values).flatMap(([name, value]) => (new RegExp(`${name}\\b`).test(expression) ? [value] : []));
}

class InvalidQuery extends Error {
  override readonly name = 'ValidationException';
}
