import { describe, expect, test } from 'vitest';
import { SqsQueue, SqsStore } from '../../local/emulators/fauxqs-parts.ts';
import { bringFairestToFront } from '../../local/queues/fair-order.ts';

function queueOf(...bodies: string[]): SqsQueue {
  const queue = new SqsQueue('q', 'http://localhost/q', 'arn:aws:sqs:us-east-1:000000000000:q');
  // The group is the letter that the body begins with.
  for (const body of bodies) queue.enqueue(SqsStore.createMessage(body, {}, undefined, body[0]));
  return queue;
}

function takeAll(queue: SqsQueue): string[] {
  const taken: string[] = [];
  while (queue.messages.length > 0) {
    bringFairestToFront(queue);
    taken.push(queue.dequeue(1)[0]?.Body ?? '');
  }
  return taken;
}

describe('the order of a fair queue', () => {
  test('GIVEN one group WHEN messages are taken THEN the oldest is first', () => {
    expect(takeAll(queueOf('a1', 'a2', 'a3'))).toEqual(['a1', 'a2', 'a3']);
  });

  test('GIVEN a group with many messages WHEN others come after it THEN they do not wait for all of it', () => {
    expect(takeAll(queueOf('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'))).toEqual([
      'a1',
      'b1',
      'c1',
      'a2',
      'b2',
      'a3',
      'a4',
    ]);
  });

  test('GIVEN a group whose messages are done WHEN the next is taken THEN it counts as quiet again', () => {
    const queue = queueOf('a1', 'a2', 'b1');
    const [first] = queue.dequeue(1);
    queue.deleteMessage(first?.ReceiptHandle ?? '');
    expect(takeAll(queue)).toEqual(['a2', 'b1']);
  });
});
