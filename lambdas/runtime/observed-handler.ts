import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { FunctionName } from '../model/environments.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';

/** Time left for logs, metrics and an answer when a function runs out of it. */
const closingMilliseconds = 50;

/** A Lambda handler as the runtime calls it: always a promise, never a callback. */
export type AsyncHandler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/**
 * `handle` under the stack that all functions have in common (log context, metrics) and then `middlewares`. Their segment
 * in X-Ray is Lambda's own: see `tracer.ts`.
 */
export function observedHandler<Event, Result>(
  name: FunctionName,
  handle: AsyncHandler<Event, Result>,
  ...middlewares: MiddlewareObj<Event, Result>[]
): AsyncHandler<Event, Result> {
  return middy<Event, Result>(handle, { timeoutEarlyInMillis: closingMilliseconds })
    .use(injectLambdaContext(createLogger(name), { logEvent: false, resetKeys: true }))
    .use(publishedMetrics(name))
    .use(middlewares);
}

/** Logs what the handler threw, once, and lets it go on to the caller. */
export function loggedErrors(name: FunctionName): MiddlewareObj {
  return {
    onError: ({ error }) => {
      createLogger(name).error('The function failed', error ?? new Error('Something was thrown that is no error'));
    },
  };
}

/** Writes the metrics that the handler counted, if any; the stock middleware warns at each invocation without some. */
function publishedMetrics(name: FunctionName): MiddlewareObj {
  const publish = (): void => {
    const metrics = createMetrics(name);
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return { after: publish, onError: publish };
}
