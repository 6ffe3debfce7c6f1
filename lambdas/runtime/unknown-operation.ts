import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { routes } from '../model/api.ts';
import { MethodProblem } from '../model/method-problem.ts';
import { ProblemError } from '../model/problem.ts';
import { gatewayAnswer } from './http-answer.ts';

/**
 * Answers a request that no route takes: OPTIONS with the methods of its path, all else with a problem, `not_found` or
 * `method_not_allowed`. It says the same to everybody and tells no more than the API's description, so it asks for no key.
 */
export function answerUnknown({ rawPath, requestContext }: APIGatewayProxyEventV2): APIGatewayProxyStructuredResultV2 {
  const { method } = requestContext.http;
  const known = methodsOf(rawPath);
  // A known operation gets here only where the gateway reads the address in another way than this function does.
  if (known.length === 0 || known.includes(method)) throw new ProblemError('not_found', 'There is no such operation.');
  const allowed = [...known, 'OPTIONS'];
  // API Gateway answers preflights itself. One that came through would be refused by a browser for any status but this.
  if (method === 'OPTIONS') return gatewayAnswer({ status: 204, headers: { allow: allowed.join(', ') } }, { method });
  throw new MethodProblem(method, allowed);
}

/** The methods that routes have for a path; none when it is no route's. */
function methodsOf(path: string): string[] {
  const segments = path.split('/');
  return [...new Set(routes.filter((route) => takes(route.path, segments)).map(({ method }): string => method))];
}

function takes(path: string, segments: readonly string[]): boolean {
  const expected = path.split('/');
  if (expected.length !== segments.length) return false;
  return expected.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]));
}
