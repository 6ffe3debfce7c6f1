import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { z } from 'zod';
import type { FunctionName } from '../model/environments.ts';
import { createLogger } from './logger.ts';
import { type AsyncHandler, loggedErrors, observedHandler } from './observed-handler.ts';

/** A message whose body has the agreed shape. */
export interface ReceivedMessage<Body> {
  readonly messageId: string;
  /** Names this delivery to the queue. */
  readonly receiptHandle: string;
  /** How often the queue has delivered it, this time included. */
  readonly receiveCount: number;
  /** When it was put into the queue, milliseconds since 1970. */
  readonly sentAt: number;
  readonly body: Body;
}

/** The messages that are to come again; all others are done with. */
export interface QueueOutcome {
  readonly failed: readonly {
    readonly messageId: string;
    /** Not before this many seconds; absent: when the queue's visibility timeout is over. */
    readonly delaySeconds?: number;
  }[];
}

/** A failed message that asked to come again at a time of its own. */
export interface DelayedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly delaySeconds: number;
}

export interface QueueContext {
  /** Milliseconds until Lambda ends the function. */
  remainingMs(): number;
}

export type ProcessMessages<Body> = (messages: ReceivedMessage<Body>[], context: QueueContext) => Promise<QueueOutcome>;

/**
 * The handler of a function that reads an SQS queue. It answers with the messages that failed and only they come
 * again. A body that `schema` refuses is a failure too: no delivery makes it better, but the queue then moves it to
 * the dead letters, where somebody looks. `delayMessages` carries out the delays that `process` asked for.
 */
export function queueHandler<Body>(
  name: FunctionName,
  schema: z.ZodType<Body>,
  process: ProcessMessages<Body>,
  delayMessages?: (messages: DelayedMessage[]) => Promise<void>,
): AsyncHandler<SQSEvent, SQSBatchResponse> {
  const handle = async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const { messages, unreadable } = readMessages(name, schema, Records);
    const { failed } =
      messages.length === 0
        ? { failed: [] }
        : await process(messages, { remainingMs: () => context.getRemainingTimeInMillis() });
    const delayed = delayedMessages(failed, Records);
    if (delayed.length > 0) await delayMessages?.(delayed);
    const failedIds = [...unreadable, ...failed.map(({ messageId }) => messageId)];
    return { batchItemFailures: failedIds.map((itemIdentifier) => ({ itemIdentifier })) };
  };
  return observedHandler(name, handle, loggedErrors(name));
}

/** Parts the readable messages from the others, which are logged by id: their content may be anything. */
function readMessages<Body>(
  name: FunctionName,
  schema: z.ZodType<Body>,
  records: readonly SQSRecord[],
): { messages: ReceivedMessage<Body>[]; unreadable: string[] } {
  const messages: ReceivedMessage<Body>[] = [];
  const unreadable: string[] = [];
  for (const { messageId, receiptHandle, body, attributes } of records) {
    const parsed = schema.safeParse(jsonOf(body));
    if (parsed.success) {
      const receiveCount = Number(attributes.ApproximateReceiveCount);
      const sentAt = Number(attributes.SentTimestamp);
      messages.push({ messageId, receiptHandle, receiveCount, sentAt, body: parsed.data });
    } else {
      const wrong = parsed.error.issues.map(({ path, code }) => `${path.join('.') || '(the whole)'}: ${code}`);
      createLogger(name).error('A message is unreadable and goes to the dead letters', { messageId, wrong });
      unreadable.push(messageId);
    }
  }
  return { messages, unreadable };
}

/** The text as JSON, or undefined, which no message schema accepts. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function delayedMessages(failed: QueueOutcome['failed'], records: readonly SQSRecord[]): DelayedMessage[] {
  const handles = new Map(records.map(({ messageId, receiptHandle }) => [messageId, receiptHandle]));
  return failed.flatMap(({ messageId, delaySeconds }) => {
    const receiptHandle = handles.get(messageId);
    if (delaySeconds === undefined || receiptHandle === undefined) return [];
    return [{ messageId, receiptHandle, delaySeconds }];
  });
}
