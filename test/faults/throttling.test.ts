import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AwsRequest, Interception } from '../../local/faults/aws-interceptor.ts';
import { answer, awsError } from '../support/aws-answers.ts';
import { type BootedStack, bootStack } from '../support/boot-stack.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { leaveEarlierRows } from '../support/earlier-rows.ts';
import { expectExactlyOnce } from '../support/entities.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';

/** How a service refuses a request for now: as a whole, or in each part of a batch. */
type Refusal = (request: AwsRequest) => Interception | undefined;

const refusals: Record<string, Refusal> = {
  'DynamoDB throttles whole requests': ({ service }) =>
    service === 'dynamodb'
      ? awsError('com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException')
      : undefined,
  'DynamoDB throttles every statement of a batch': ({ operation, body }) =>
    operation === 'BatchExecuteStatement'
      ? answer({
          Responses: statementsOf(body).map(() => ({ Error: { Code: 'ThrottlingError', Message: 'Slow down.' } })),
        })
      : undefined,
  'DynamoDB hands back every key of a batch': ({ operation, body }) =>
    operation === 'BatchGetItem'
      ? answer({ Responses: {}, UnprocessedKeys: JSON.parse(body).RequestItems })
      : undefined,
  'SQS throttles whole requests': ({ service }) =>
    service === 'sqs' ? awsError('com.amazonaws.sqs#RequestThrottled') : undefined,
  'SQS refuses every message of a batch': ({ operation, body }) =>
    operation === 'SendMessageBatch'
      ? answer({
          Successful: [],
          Failed: entryIdsOf(body).map((Id) => ({ Id, Code: 'InternalError', SenderFault: false })),
        })
      : undefined,
  'S3 says slow down': ({ service }) =>
    service === 's3'
      ? { respond: { status: 503, body: '<Error><Code>SlowDown</Code><Message>Slow down.</Message></Error>' } }
      : undefined,
  'Step Functions throttles': ({ service }) =>
    service === 'states' ? awsError('com.amazonaws.sfn#ThrottlingException') : undefined,
};

/**
 * Of the requests that could be refused, the first is, and every so many-th that follows. After a throttle the SDK waits
 * the longest, and every function begins with DynamoDB.
 */
const period = (name: string) => (name === 'DynamoDB throttles whole requests' ? 12 : 4);

let refuse: Refusal | undefined;
let every = 1;
let refusable = 0;

let stack: BootedStack;
let client: RollcallClient;
beforeAll(async () => {
  const interceptor = (request: AwsRequest): Interception => {
    const refusal = refuse?.(request);
    return refusal !== undefined && refusable++ % every === 0 ? refusal : 'pass';
  };
  stack = await bootStack(inject('assembly'), { interceptor, redeliverAfterSeconds: 1 });
  client = new RollcallClient(stack.address);
});
afterAll(() => stack.local.stop());

describe('GIVEN that some requests are refused for now', () => {
  it.each(Object.keys(refusals))('WHEN %s THEN a sheet takes longer and nothing else changes', async (name) => {
    const referenceId = newReference();
    const failed = facilities(30, 200);
    await leaveEarlierRows(stack.address, stack.local.outputs, referenceId, { succeeded: [], failed });
    const sheet = facilitySheet(facilities(220));
    refusable = 0;
    every = period(name);
    refuse = refusals[name];
    const actionId = await client.submit({ referenceId, processName: 'facilityCreation' }, csvFile(sheet));
    await client.ended(actionId);
    refuse = undefined;

    expect(refusable).toBeGreaterThan(0);
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({ status: 'completed', counts: { created: 220 }, revived: { rows: 9, created: 9 } });
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });
});

function statementsOf(body: string): unknown[] {
  return JSON.parse(body).Statements;
}

function entryIdsOf(body: string): string[] {
  return JSON.parse(body).Entries.map(({ Id }: { Id: string }) => Id);
}
