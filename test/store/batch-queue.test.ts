import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { sqsClient } from '../../lambdas/store/aws-clients.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

let before: number;
beforeEach(() => {
  before = stores.queued().length;
});

function messages(count: number, bytes: number) {
  return Array.from({ length: count }, (_, index) => ({
    accountId: 'acme',
    body: JSON.stringify({ index, filler: 'x'.repeat(bytes) }),
  }));
}

it.each([
  { name: 'none', count: 0, bytes: 0 },
  { name: 'more than a call takes', count: 25, bytes: 10 },
  { name: 'together larger than a call takes', count: 9, bytes: 100_000 },
  { name: 'each as large as a message may be', count: 3, bytes: 240_000 },
])('GIVEN messages, $name WHEN sent THEN all of them are in the queue', async ({ count, bytes }) => {
  await stores.queue.send(messages(count, bytes));
  const sent = stores.queued().slice(before) as { index: number }[];
  expect(sent.map(({ index }) => index).sort((a, b) => a - b)).toEqual(
    Array.from({ length: count }, (_, index) => index),
  );
});

it('GIVEN messages of two accounts WHEN sent THEN each is of its account’s group, by which the queue is fair', async () => {
  const groups: (string | undefined)[] = [];
  const { middlewareStack } = sqsClient();
  middlewareStack.add(
    (next) => async (args) => {
      const { Entries = [] } = args.input as SendMessageBatchCommandInput;
      groups.push(...Entries.map(({ MessageGroupId }) => MessageGroupId));
      return next(args);
    },
    { name: 'noteGroups', step: 'initialize' },
  );
  await stores.queue.send(['acme', 'other', 'acme'].map((accountId) => ({ accountId, body: '{}' })));
  middlewareStack.remove('noteGroups');
  expect(groups).toEqual(['acme', 'other', 'acme']);
});
