import { z } from 'zod';
import type { FunctionName } from '../model/environments.ts';
import { createLogger } from './logger.ts';
import { type AsyncHandler, observedHandler } from './observed-handler.ts';
import { parseInput } from './parse-input.ts';

/**
 * What CloudFormation sends a custom resource's provider;
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
const requestSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
});
type ResourceRequest = z.infer<typeof requestSchema>;

/**
 * The handler of a custom resource that is always the same one, `physicalId`. `provide` is called at its creation and
 * at each change, and again if CloudFormation asks again. Whatever happens, CloudFormation gets its answer: without
 * one it waits for an hour.
 */
export function customResourceHandler(
  name: FunctionName,
  physicalId: string,
  provide: () => Promise<void>,
): AsyncHandler<unknown, void> {
  return observedHandler(name, async (event: unknown) => {
    const request = parseInput(requestSchema, event);
    await answer(request, physicalId, await failureOf(name, request, provide));
  });
}

/** Provides the resource; the answer is what went wrong, if anything. A deletion leaves everything as it is. */
async function failureOf(
  name: FunctionName,
  { RequestType }: ResourceRequest,
  provide: () => Promise<void>,
): Promise<string | undefined> {
  if (RequestType === 'Delete') return undefined;
  try {
    await provide();
    return undefined;
  } catch (error) {
    createLogger(name).error('The resource could not be provided', error as Error);
    return `${error instanceof Error ? error.name : 'An error'} stopped ${name}; its log says more.`;
  }
}

async function answer(request: ResourceRequest, physicalId: string, failure: string | undefined): Promise<void> {
  const { ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId } = request;
  const document = {
    Status: failure === undefined ? 'SUCCESS' : 'FAILED',
    ...(failure !== undefined && { Reason: failure }),
    PhysicalResourceId: PhysicalResourceId ?? physicalId,
    StackId,
    RequestId,
    LogicalResourceId,
  };
  // Bytes rather than text: the address is signed for a request without a content type.
  const response = await fetch(ResponseURL, { method: 'PUT', body: Buffer.from(JSON.stringify(document)) });
  if (!response.ok) throw new Error(`CloudFormation's answer address refused the answer with HTTP ${response.status}`);
}
