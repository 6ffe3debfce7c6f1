import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';

/**
 * X-Ray subsegments of the functions that answer requests. The others have Lambda's own segment only: to know its segment
 * in every callback, the X-Ray SDK follows each promise through async hooks from the moment it is loaded, which was
 * measured to cost two thirds more CPU for each bulk write.
 * HTTP calls are not captured: a segment for each of thousands of DynamoDB calls costs more than it tells.
 */
const tracer = new Tracer({ captureHTTPsRequests: false });

/** Traces a handler and its errors. The response is not traced, because it may hold rows or presigned addresses. */
export const traced = () => captureLambdaHandler(tracer, { captureResponse: false });
