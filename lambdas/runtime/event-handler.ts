import type { EventBridgeEvent } from 'aws-lambda';
import type { z } from 'zod';
import type { FunctionName } from '../model/environments.ts';
import { addLogContext } from './log-context.ts';
import { type AsyncHandler, loggedErrors, observedHandler } from './observed-handler.ts';
import { parseInput } from './parse-input.ts';

/** What a function is told about an EventBridge event. */
export interface ReceivedEvent<Detail> {
  /** The event's id; the same when it is delivered again. */
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  /** ISO 8601 UTC. */
  readonly time: string;
  readonly detail: Detail;
}

/**
 * The handler of a function that an EventBridge rule calls; `schema` checks the event's `detail`. What is thrown makes
 * EventBridge deliver the event again.
 */
export function eventHandler<Detail>(
  name: FunctionName,
  schema: z.ZodType<Detail>,
  run: (event: ReceivedEvent<Detail>) => Promise<void>,
): AsyncHandler<EventBridgeEvent<string, unknown>, void> {
  const handle = async (event: EventBridgeEvent<string, unknown>): Promise<void> => {
    const detail = parseInput(schema, event.detail);
    addLogContext(name, detail);
    const { id, source, time } = event;
    await run({ id, source, time, detailType: event['detail-type'], detail });
  };
  return observedHandler(name, handle, loggedErrors(name));
}
