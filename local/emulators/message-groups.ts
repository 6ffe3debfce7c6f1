/**
 * Message groups on standard queues, by which SQS hands out messages fairly. fauxqs forgets the group of a message unless
 * its queue is FIFO, so it is told again at the moment at which the message is made.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
import { type buildApp, type MessageAttributeValue, SqsStore } from './fauxqs-parts.ts';

type Attributes = Record<string, MessageAttributeValue>;

interface SendEntry {
  MessageGroupId?: string;
  MessageAttributes?: Attributes;
}

/** A message is made from the very attributes object of its request, which so stands for the message. */
const groups = new WeakMap<Attributes, string>();

const createMessage = SqsStore.createMessage;
SqsStore.createMessage = (body, attributes = {}, delaySeconds, groupId = groups.get(attributes), deduplicationId) =>
  createMessage(body, attributes, delaySeconds, groupId, deduplicationId);

export function keepMessageGroups(app: ReturnType<typeof buildApp>): void {
  app.addHook('preHandler', async ({ headers, body }) => {
    if (!String(headers['x-amz-target'] ?? '').startsWith('AmazonSQS.SendMessage')) return;
    const { Entries = [body] } = body as { Entries?: SendEntry[] } & SendEntry;
    for (const entry of Entries as SendEntry[]) {
      if (!entry.MessageGroupId) continue;
      entry.MessageAttributes ??= {};
      groups.set(entry.MessageAttributes, entry.MessageGroupId);
    }
  });
}
