import { afterEach, describe, expect, test } from 'vitest';
import type { AwsRequest, Interception } from '../../local/faults/aws-interceptor.ts';
import { eventually, type FixtureStack, startFixture } from './support/fixture-stack.ts';

let stack: FixtureStack;
afterEach(() => stack.stop());

/** Decides once by the given rule, and lets everything else pass. */
function once(wanted: (request: AwsRequest) => boolean, decision: Interception) {
  const requests: AwsRequest[] = [];
  let done = false;
  const interceptor = (request: AwsRequest): Interception => {
    requests.push(request);
    if (done || !wanted(request)) return 'pass';
    done = true;
    return decision;
  };
  return { requests, interceptor };
}

const putItem = ({ service, operation }: AwsRequest) => service === 'dynamodb' && operation === 'PutItem';

describe('the interceptor', () => {
  test('GIVEN every kind of request WHEN functions send them THEN it sees who asks for what, in order', async () => {
    const { requests, interceptor } = once(() => false, 'pass');
    stack = await startFixture('faults', { logTo: 'none', interceptor });
    await stack.call('putObject', { key: 'inbox/seen.csv', body: 'x' });
    await stack.call(
      'sendMessages',
      Array.from({ length: 11 }, (_, id) => ({ id })),
    );
    await stack.call('start', { input: '{}' });
    await stack.waitUntilIdle();
    const seen = requests.filter(({ functionName }) => functionName.includes('Caller'));
    expect(seen.map(({ service, operation, ordinal }) => `${service} ${operation} ${ordinal}`)).toEqual([
      's3 PutObject 1',
      'sqs SendMessageBatch 1',
      'sqs SendMessageBatch 2',
      'states StartExecution 1',
    ]);
    expect(new Set(seen.map(({ invocationId }) => invocationId)).size).toBe(3);
    expect(requests.find(putItem)?.body).toContain('"pk"');
  });

  test('GIVEN a kill before a write WHEN the message comes again THEN the write happens then', async () => {
    stack = await startFixture('faults', { logTo: 'none', interceptor: once(putItem, 'kill-before').interceptor });
    await stack.call('sendMessages', [{ id: 'before' }]);
    await eventually(async () => expect(await stack.items('message#before')).toMatchObject([{ sk: '2' }]));
  });

  test('GIVEN a kill after a write WHEN the message comes again THEN both writes are there', async () => {
    stack = await startFixture('faults', { logTo: 'none', interceptor: once(putItem, 'kill-after').interceptor });
    await stack.call('sendMessages', [{ id: 'after' }]);
    await eventually(async () => expect(await stack.items('message#after')).toMatchObject([{ sk: '1' }, { sk: '2' }]));
  });

  test('GIVEN an answer of the test WHEN the function asks THEN it gets that one, and its SDK acts on it', async () => {
    const throttled: Interception = {
      respond: {
        status: 400,
        body: JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException', message: 'slow down' }),
      },
    };
    const { requests, interceptor } = once(putItem, throttled);
    stack = await startFixture('faults', { logTo: 'none', interceptor });
    await stack.call('sendMessages', [{ id: 'throttled' }]);
    await stack.waitUntilIdle();
    expect(await stack.items('message#throttled')).toMatchObject([{ sk: '1' }]);
    expect(requests.filter(putItem)).toHaveLength(2);
  });
});

describe('deliveries that come twice', () => {
  test('GIVEN duplicates WHEN messages and events are sent THEN each reaches its function twice', async () => {
    const { requests, interceptor } = once(() => false, 'pass');
    stack = await startFixture('faults', { logTo: 'none', interceptor, duplicateDeliveries: true });
    await stack.call('sendMessages', [{ id: 'doubled' }]);
    await stack.call('putEvent', { id: 'doubled' });
    await stack.waitUntilIdle();
    expect(requests.filter((request) => putItem(request) && request.body.includes('message#doubled'))).toHaveLength(2);
    expect(await stack.items('event#doubled')).toHaveLength(2);
  });
});
