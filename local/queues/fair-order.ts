/**
 * Which message of a standard queue is next: the oldest of the group that has the fewest under way. So one group with many
 * messages does not keep another one waiting, as in SQS' fair queues.
 */
import type { SqsQueue } from '../emulators/fauxqs-parts.ts';

/** Brings that message to the front, where the queue takes from. */
export function bringFairestToFront(queue: SqsQueue): void {
  const { messages } = queue;
  const underWay = new Map<string | undefined, number>();
  for (const { message } of queue.inflightMessages.values()) {
    underWay.set(message.messageGroupId, (underWay.get(message.messageGroupId) ?? 0) + 1);
  }
  let fairest = 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [index, { messageGroupId }] of messages.entries()) {
    const count = underWay.get(messageGroupId) ?? 0;
    if (count >= fewest) continue;
    [fairest, fewest] = [index, count];
    if (fewest === 0) break;
  }
  if (fairest > 0) messages.unshift(...messages.splice(fairest, 1));
}
