import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { queueJson } from '../../lambdas/model/queue-json.ts';
import { sqsClient } from '../../lambdas/store/aws-clients.ts';
import type { QueuedMessage } from '../../lambdas/store/batch-queue.ts';
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

/** What goes to SQS when the messages are sent. */
async function entriesOf(messages: readonly QueuedMessage[]) {
  const entries: NonNullable<SendMessageBatchCommandInput['Entries']> = [];
  const { middlewareStack } = sqsClient();
  middlewareStack.add(
    (next) => async (args) => {
      entries.push(...((args.input as SendMessageBatchCommandInput).Entries ?? []));
      return next(args);
    },
    { name: 'noteEntries', step: 'initialize' },
  );
  await stores.queue.send(messages);
  middlewareStack.remove('noteEntries');
  return entries;
}

it('GIVEN messages of two accounts WHEN sent THEN each is of its account’s group, by which the queue is fair', async () => {
  const entries = await entriesOf(['acme', 'other', 'acme'].map((accountId) => ({ accountId, body: '{}' })));
  expect(entries.map(({ MessageGroupId }) => MessageGroupId)).toEqual(['acme', 'other', 'acme']);
});

it('GIVEN text with any character WHEN sent THEN SQS would take it, and it comes out as it was', async () => {
  const text = `${Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code)).join('')}\u{1F3E5}\u{10FFFF}`;
  const [entry] = await entriesOf([{ accountId: 'acme', body: queueJson({ text }) }]);
  const body = entry?.MessageBody ?? '';
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
  expect(body).toMatch(/^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
  expect(JSON.parse(body).text === text).toBe(true);
});
