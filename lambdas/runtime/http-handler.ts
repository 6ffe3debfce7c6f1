import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Route } from '../model/api/route.ts';
import { routes } from '../model/api.ts';
import type { FunctionName } from '../model/environments.ts';
import { ProblemError } from '../model/problem.ts';
import { gatewayAnswer, type HttpAnswer, problemAnswer } from './http-answer.ts';
import { type HttpRequest, quotasOf, readRequest } from './http-request.ts';
import { createLogger } from './logger.ts';
import { type AsyncHandler, observedHandler } from './observed-handler.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { traced } from './tracer.ts';
import { answerUnknown } from './unknown-operation.ts';

export type { HttpAnswer } from './http-answer.ts';
export type { HttpRequest } from './http-request.ts';

type Gateway = AsyncHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

/**
 * One operation's code. A method, so that an operation may narrow the request to what its route's schemas promise.
 */
interface HttpOperation {
  answer(request: HttpRequest): Promise<HttpAnswer>;
}

/** Operations by `operationId`. */
export type HttpOperations = Readonly<Record<string, HttpOperation['answer']>>;

/**
 * The handler of a function that answers HTTP requests: finds the route, checks the caller's role and the request,
 * and answers JSON, a file or an RFC 9457 problem. Refuses to start unless `operations` are exactly the function's
 * operations in the route table.
 */
export function httpHandler(name: FunctionName, operations: HttpOperations): Gateway {
  const answering = routesOf(name, operations);
  const handle: Gateway = async (event) => {
    const route = answering.get(event.routeKey);
    const operation = route && operations[route.operationId];
    if (!route || !operation) return answerUnknown(event);
    const request = readRequest(route, event);
    const answer = await operation(request);
    const headers = { ...rateLimitHeaders([...quotasOf(event), ...(answer.quotas ?? [])]), ...answer.headers };
    return gatewayAnswer({ ...answer, headers }, { method: route.method, ifNoneMatch: event.headers['if-none-match'] });
  };
  return observedHandler(name, handle, traced(), problemAnswers(name), requestLogContext(name));
}

/** The function's routes by route key, e.g. `GET /api/health`. */
function routesOf(name: FunctionName, operations: HttpOperations): Map<string, Route> {
  const own = routes.filter((route) => route.function === name);
  const wanted = own.map(({ operationId }) => operationId).sort();
  const given = Object.keys(operations).sort();
  if (wanted.join() !== given.join()) {
    throw new Error(
      `${name} answers ${given.join(', ') || 'nothing'}, but its routes are ${wanted.join(', ') || 'none'}`,
    );
  }
  return new Map(own.map((route) => [`${route.method} ${route.path}`, route]));
}

/** Turns what was thrown into an answer. What nobody expected is logged and answered without any detail. */
function problemAnswers(name: FunctionName): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      if (request.error instanceof ProblemError) {
        request.response = problemAnswer(request.error, quotasOf(request.event));
        return;
      }
      const { requestId } = request.event.requestContext;
      createLogger(name).error(
        'The request failed',
        request.error ?? new Error('Something was thrown that is no error'),
      );
      const detail = 'Try again later; if it stays, tell the operator the request id.';
      request.response = problemAnswer(
        new ProblemError('internal_error', detail, { requestId }),
        quotasOf(request.event),
      );
    },
  };
}

/** Tells the logger which request it is, and whose. */
function requestLogContext(
  name: FunctionName,
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    before: ({ event }) => {
      const { requestId } = event.requestContext;
      createLogger(name).appendKeys({ requestId, routeKey: event.routeKey, actionId: event.pathParameters?.actionId });
    },
  };
}
