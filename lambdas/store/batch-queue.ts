import { ChangeMessageVisibilityCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { pause } from './concurrently.ts';

/** One message of a group: its body, which is JSON made by `queueJson`, and whose it is. */
export interface QueuedMessage {
  readonly body: string;
  /** Fair queues keep one account's backlog from delaying another's messages. */
  readonly accountId: string;
  /** Not to be delivered before; at most 15 minutes, which is what SQS can do. */
  readonly delaySeconds?: number;
}

/** SendMessageBatch takes 10 messages of together 256 KB. */
const messagesACall = 10;
const bytesACall = 250 * 1024;
const longestDelaySeconds = 900;
const maxRounds = 8;

/** The queue of batches. */
export class BatchQueue {
  private readonly client: SQSClient;
  private readonly queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.client = client;
    this.queueUrl = queueUrl;
  }

  /** Sends all messages; one that SQS did not take is sent again, so some may arrive twice. */
  async send(messages: readonly QueuedMessage[]): Promise<void> {
    for (const group of groupsOf(messages)) await this.sendGroup(group);
  }

  /** Hides a received message for some time, so that it is not tried again too early. */
  async delay(receiptHandle: string, delaySeconds: number): Promise<void> {
    await this.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: Math.min(Math.ceil(delaySeconds), 43_200),
      }),
    );
  }

  private async sendGroup(group: readonly QueuedMessage[]): Promise<void> {
    let open = group;
    for (let round = 0; open.length > 0; round++) {
      if (round > 0) await pause(Math.random() * 100 * 2 ** Math.min(round, 6));
      const answer = await this.client.send(
        new SendMessageBatchCommand({
          QueueUrl: this.queueUrl,
          Entries: open.map((message, index) => ({
            Id: String(index),
            MessageBody: message.body,
            MessageGroupId: message.accountId,
            ...(message.delaySeconds !== undefined && {
              DelaySeconds: Math.min(Math.ceil(message.delaySeconds), longestDelaySeconds),
            }),
          })),
        }),
      );
      const failed = answer.Failed ?? [];
      if (failed.length > 0 && round === maxRounds)
        throw new Error(`SQS refused ${failed.length} messages: ${failed[0]?.Code}`);
      open = failed.map((entry) => open[Number(entry.Id)] as QueuedMessage);
    }
  }
}

/** The batch queues: one of each service outside, and the one of the registry. */
export class BatchQueues {
  private readonly client: SQSClient;
  private readonly outside: Readonly<Record<string, string>>;
  private readonly registryUrl: string | undefined;

  /** `outside`: the URLs of services' queues by processName. */
  constructor(client: SQSClient, outside: Readonly<Record<string, string>>, registryUrl?: string) {
    this.client = client;
    this.outside = outside;
    this.registryUrl = registryUrl;
  }

  /** Where the batches of a process go. */
  of(processName: string): BatchQueue {
    const url = Object.hasOwn(this.outside, processName) ? this.outside[processName] : this.registryUrl;
    if (url === undefined) throw new Error(`There is no queue for ${processName}`);
    return new BatchQueue(this.client, url);
  }
}

function groupsOf(messages: readonly QueuedMessage[]): QueuedMessage[][] {
  const groups: QueuedMessage[][] = [];
  let group: QueuedMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    if (group.length === messagesACall || (group.length > 0 && bytes + size > bytesACall)) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(message);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
