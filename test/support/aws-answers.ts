import type { Interception } from '../../local/faults/aws-interceptor.ts';

/** An error as services answer it that speak JSON. */
export function awsError(type: string, status = 400): Interception {
  return answer({ __type: type, message: 'Answered by the test.' }, status);
}

/** An answer of a service that speaks JSON. */
export function answer(body: unknown, status = 200): Interception {
  return {
    respond: { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) },
  };
}
