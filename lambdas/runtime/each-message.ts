import type { FunctionName } from '../model/environments.ts';
import { createLogger } from './logger.ts';
import type { QueueOutcome, ReceivedMessage } from './queue-handler.ts';

/** `again`: the message is to come again, not before `delaySeconds` where they are given. */
export type MessageOutcome = { readonly kind: 'done' } | { readonly kind: 'again'; readonly delaySeconds?: number };

/**
 * Works on all messages side by side, each by itself: one that fails is logged and comes again alone. Were the function
 * to fail with it, Lambda would freeze its neighbours in the midst of their work and bring them all again.
 */
export async function eachMessage<Body>(
  name: FunctionName,
  messages: readonly ReceivedMessage<Body>[],
  work: (message: ReceivedMessage<Body>) => Promise<MessageOutcome>,
): Promise<QueueOutcome> {
  const outcomes = await Promise.all(
    messages.map(async (message) => {
      const { messageId, receiveCount } = message;
      try {
        return { messageId, ...(await work(message)) };
      } catch (error) {
        createLogger(name).error('A message failed and comes again', {
          error: error as Error,
          messageId,
          receiveCount,
        });
        return { messageId, kind: 'again' as const };
      }
    }),
  );
  return { failed: outcomes.filter(({ kind }) => kind === 'again') };
}
