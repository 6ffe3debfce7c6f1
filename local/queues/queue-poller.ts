/**
 * Event source mappings of queues: takes messages as a Lambda poller would, but straight from the emulator's store, and
 * without asking when nothing can have changed.
 */
import type { FauxqsEmulator } from '../emulators/fauxqs.ts';
import type { ReceivedMessage, SqsQueue } from '../emulators/fauxqs-parts.ts';
import { createFairPlaces } from '../functions/fair-places.ts';
import type { FunctionDefinition, FunctionHost } from '../functions/function-host.ts';
import type { InvocationOutcome } from '../functions/messages.ts';
import { bringFairestToFront } from './fair-order.ts';
import { sqsEvent } from './sqs-event.ts';

/** One `AWS::Lambda::EventSourceMapping` of a queue. */
export interface QueueMapping {
  queue: SqsQueue;
  definition: FunctionDefinition;
  batchSize: number;
  /** How long a batch that is not full waits for more, milliseconds. */
  batchingWindowMs: number;
  reportsBatchItemFailures: boolean;
  maximumConcurrency: number;
}

/** For fault tests. */
export interface QueueFaults {
  /** Every batch is handled twice: at the same time, or one after the other, by turns. */
  duplicateDeliveries?: boolean;
  /** True for the body of a message that is to vanish. */
  loseMessage?: (body: string) => boolean;
  /** Seconds after which failed messages come back, in place of the queue's visibility timeout. */
  redeliverAfterSeconds?: number;
}

export interface QueuePoller {
  /** Messages that are in the queue or being handled. */
  readonly backlog: number;
  start(): void;
  stop(): void;
}

/** A message that a function has made visible again, or hid for longer, is noticed after this time at the latest. */
const RECHECK_MS = 1_000;

export function createQueuePoller(
  { queue, definition, batchSize, batchingWindowMs, reportsBatchItemFailures, maximumConcurrency }: QueueMapping,
  host: FunctionHost,
  messaging: FauxqsEmulator,
  { duplicateDeliveries = false, loseMessage, redeliverAfterSeconds }: QueueFaults,
): QueuePoller {
  // The one place is kept for groups that have nothing under way. Of two, which AWS asks for at least, none is spared.
  const spare = maximumConcurrency > 2 ? 1 : 0;
  const places = createFairPlaces(maximumConcurrency - spare, spare);
  let running = 0;
  let batches = 0;
  let started = false;
  let timer: NodeJS.Timeout | undefined;
  let woken = false;
  let windowOpenedAt: number | undefined;

  const deadLetters = (arn: string) => messaging.queues.getQueueByArn(arn);

  function wake(): void {
    if (woken || !started) return;
    woken = true;
    // Messages sent together should be handled together: look once the sender's request is done.
    setImmediate(() => {
      woken = false;
      take();
    });
  }

  function take(): void {
    if (!started) return;
    queue.processTimers();
    while (host.hasRoom(definition) && !waitsForMore()) {
      const group = nextGroup();
      if (!places.hasRoom(group)) break;
      const messages = receive();
      if (messages.length === 0) break;
      void handle(messages, group);
    }
    sleepUntilSomethingIsDue();
  }

  function nextGroup(): string {
    bringFairestToFront(queue);
    return queue.messages[0]?.messageGroupId ?? '';
  }

  function waitsForMore(): boolean {
    const ready = queue.messages.length;
    if (batchingWindowMs === 0 || ready === 0 || ready >= batchSize) {
      windowOpenedAt = undefined;
      return false;
    }
    windowOpenedAt ??= Date.now();
    if (Date.now() - windowOpenedAt < batchingWindowMs) return true;
    windowOpenedAt = undefined;
    return false;
  }

  function receive(): ReceivedMessage[] {
    const messages: ReceivedMessage[] = [];
    while (messages.length < batchSize) {
      bringFairestToFront(queue);
      // None comes out while one is there when that one has just become a dead letter.
      const [message] = queue.dequeue(1, undefined, deadLetters);
      if (message && loseMessage?.(message.Body)) queue.deleteMessage(message.ReceiptHandle);
      else if (message) messages.push(message);
      else if (queue.messages.length === 0) break;
    }
    return messages;
  }

  async function handle(messages: ReceivedMessage[], group: string): Promise<void> {
    running++;
    places.take(group, () => true);
    const event = sqsEvent(messages, queue);
    const invoke = () => host.invoke(definition, event, 'message');
    const together = duplicateDeliveries && batches++ % 2 === 0 ? invoke() : undefined;
    const outcome = await invoke();
    settle(messages, outcome);
    await together;
    if (duplicateDeliveries && !together) await invoke();
    running--;
    places.leave(group);
    wake();
  }

  function settle(messages: ReceivedMessage[], outcome: InvocationOutcome): void {
    if (!started) return;
    const failed = failedMessages(messages, outcome);
    for (const { MessageId, ReceiptHandle } of messages) {
      if (!failed.has(MessageId)) queue.deleteMessage(ReceiptHandle);
      else if (redeliverAfterSeconds !== undefined && queue.inflightMessages.has(ReceiptHandle)) {
        queue.changeVisibility(ReceiptHandle, redeliverAfterSeconds);
      }
    }
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: an unknown or empty id fails the batch. */
  function failedMessages(messages: ReceivedMessage[], outcome: InvocationOutcome): Set<string> {
    const all = new Set(messages.map(({ MessageId }) => MessageId));
    if (!outcome.ok) return all;
    if (!reportsBatchItemFailures) return new Set();
    const answer = JSON.parse(outcome.payload) as {
      batchItemFailures?: Array<{ itemIdentifier?: string }> | null;
    } | null;
    const failures = answer?.batchItemFailures ?? [];
    const ids = failures.map(({ itemIdentifier }) => itemIdentifier ?? '');
    return ids.every((id) => all.has(id)) ? new Set(ids) : all;
  }

  function sleepUntilSomethingIsDue(): void {
    clearTimeout(timer);
    const now = Date.now();
    const due: number[] = [];
    if (windowOpenedAt !== undefined) due.push(windowOpenedAt + batchingWindowMs);
    if (queue.inflightMessages.size > 0 || queue.delayedMessages.length > 0) {
      due.push(now + RECHECK_MS);
      for (const { visibilityDeadline } of queue.inflightMessages.values()) due.push(visibilityDeadline);
      for (const { delayUntil = now } of queue.delayedMessages) due.push(delayUntil);
    }
    if (due.length > 0) timer = setTimeout(take, Math.max(1, Math.min(...due) - now));
  }

  messaging.onActivity((message) => {
    if (message.service === 'sqs' && message.status === 'published' && message.queueName === queue.name) wake();
  });
  host.onRoom(() => {
    if (queue.messages.length > 0) wake();
  });

  return {
    get backlog() {
      const ready = Number(queue.getAttribute('ApproximateNumberOfMessages'));
      const delayed = Number(queue.getAttribute('ApproximateNumberOfMessagesDelayed'));
      return running + ready + delayed + queue.inflightMessages.size;
    },
    start() {
      started = true;
      // Whoever held these messages went down with the former process: nobody will answer for them.
      for (const receiptHandle of [...queue.inflightMessages.keys()]) queue.changeVisibility(receiptHandle, 0);
      wake();
    },
    stop() {
      started = false;
      clearTimeout(timer);
    },
  };
}
