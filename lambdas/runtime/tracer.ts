import { Tracer } from '@aws-lambda-powertools/tracer';

/**
 * X-Ray segments of the handlers. Off outside Lambda, where there is no daemon to send them to.
 * HTTP calls are not captured: a segment for each of thousands of DynamoDB calls costs more than it tells.
 */
export const tracer = new Tracer({ captureHTTPsRequests: false });
