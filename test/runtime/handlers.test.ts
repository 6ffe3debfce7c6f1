import type { EventBridgeEvent, SQSEvent } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { eventHandler } from '../../lambdas/runtime/event-handler.ts';
import { type DelayedMessage, type QueueOutcome, queueHandler } from '../../lambdas/runtime/queue-handler.ts';
import { stepHandler } from '../../lambdas/runtime/step-handler.ts';
import { lambdaContext } from './lambda-context.ts';
import { recordLogLines } from './log-lines.ts';

afterEach(() => vi.restoreAllMocks());

const numberOf = z.object({ n: z.number() });

describe('stepHandler', () => {
  test('GIVEN a valid input WHEN the state calls THEN the answer is what the step returns', async () => {
    const handler = stepHandler('claim-reference', numberOf, async ({ n }) => ({ doubled: n * 2 }));
    await expect(handler({ n: 21 }, lambdaContext())).resolves.toEqual({ doubled: 42 });
  });

  test('GIVEN a wrong input WHEN the state calls THEN InvalidInputError names the member and the step never runs', async () => {
    recordLogLines('claim-reference');
    let ran = false;
    const handler = stepHandler('claim-reference', numberOf, async () => {
      ran = true;
    });
    await expect(handler({ n: 'twenty' }, lambdaContext())).rejects.toMatchObject({
      name: 'InvalidInputError',
      message: expect.stringContaining('n: '),
    });
    expect(ran).toBe(false);
  });

  test('GIVEN a step that throws WHEN it runs THEN the very error reaches Step Functions, logged once', async () => {
    const lines = recordLogLines('claim-reference');
    const thrown = Object.assign(new Error('later'), { name: 'ThrottledError' });
    const handler = stepHandler('claim-reference', numberOf, () => Promise.reject(thrown));
    await expect(handler({ n: 1 }, lambdaContext())).rejects.toBe(thrown);
    expect(lines).toHaveLength(1);
  });
});

describe('eventHandler', () => {
  test('GIVEN an event WHEN it is delivered THEN the function gets its checked detail and its id', async () => {
    const seen: unknown[] = [];
    const handler = eventHandler('start-action', numberOf, async (event) => {
      seen.push(event);
    });
    await handler(bridgeEvent({ n: 1, other: true }), lambdaContext());
    expect(seen).toEqual([
      { id: 'event-1', source: 'aws.s3', time: '2030-01-01T00:00:00Z', detailType: 'Object Created', detail: { n: 1 } },
    ]);
  });

  test('GIVEN an event of another shape WHEN it is delivered THEN InvalidInputError', async () => {
    recordLogLines('start-action');
    const handler = eventHandler('start-action', numberOf, async () => undefined);
    await expect(handler(bridgeEvent({}), lambdaContext())).rejects.toMatchObject({ name: 'InvalidInputError' });
  });
});

describe('queueHandler', () => {
  test('GIVEN five messages, one of them failing and one unreadable WHEN processed THEN only these two come again', async () => {
    const lines = recordLogLines('process-batch');
    const handler = queueHandler('process-batch', numberOf, async (messages): Promise<QueueOutcome> => {
      expect(messages.map(({ body }) => body.n)).toEqual([0, 1, 2, 4]);
      return { failed: [{ messageId: 'm2' }] };
    });
    const event = queueEvent(['{"n":0}', '{"n":1}', '{"n":2}', '{"secret":"hunter2"}', '{"n":4}']);
    await expect(handler(event, lambdaContext())).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: 'm3' }, { itemIdentifier: 'm2' }],
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('m3');
    expect(lines[0]).not.toContain('hunter2');
  });

  test('GIVEN only bodies that are no JSON WHEN delivered THEN all are failures and nothing is processed', async () => {
    recordLogLines('process-batch');
    const handler = queueHandler('process-batch', numberOf, () => Promise.reject(new Error('must not run')));
    const answer = await handler(queueEvent(['{"n":', '']), lambdaContext());
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['m0', 'm1']);
  });

  test('GIVEN failures that ask for a delay WHEN answered THEN the queue is told, with their receipt handles', async () => {
    const delays: DelayedMessage[] = [];
    const handler = queueHandler(
      'process-batch',
      numberOf,
      async () => ({ failed: [{ messageId: 'm0', delaySeconds: 30 }, { messageId: 'm1' }] }),
      async (messages) => {
        delays.push(...messages);
      },
    );
    await handler(queueEvent(['{"n":0}', '{"n":1}']), lambdaContext());
    expect(delays).toEqual([{ messageId: 'm0', receiptHandle: 'receipt-0', delaySeconds: 30 }]);
  });

  test('GIVEN a message on its third delivery WHEN processed THEN receiveCount and the time left are known', async () => {
    const seen: number[] = [];
    const handler = queueHandler('process-batch', numberOf, async ([message], { remainingMs }) => {
      seen.push(message?.receiveCount ?? 0, remainingMs());
      return { failed: [] };
    });
    await handler(queueEvent(['{"n":0}'], 3), lambdaContext(12_345));
    expect(seen).toEqual([3, 12_345]);
  });
});

function bridgeEvent(detail: unknown): EventBridgeEvent<string, unknown> {
  return {
    id: 'event-1',
    version: '0',
    account: '000000000000',
    region: 'eu-west-1',
    resources: [],
    source: 'aws.s3',
    time: '2030-01-01T00:00:00Z',
    'detail-type': 'Object Created',
    detail,
  };
}

function queueEvent(bodies: string[], receiveCount = 1): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      receiptHandle: `receipt-${index}`,
      body,
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: '0',
        SenderId: 'sender',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:batches',
      awsRegion: 'eu-west-1',
    })),
  };
}
