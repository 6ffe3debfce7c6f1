import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { SFNClient } from '@aws-sdk/client-sfn';
import { Executions } from '../../lambdas/store/executions.ts';

/** Step Functions that only notes what it is asked to start and to stop; every execution is one that has ended. */
export interface NotedExecutions {
  readonly executions: Executions;
  readonly client: SFNClient;
  /** Names of executions, in the order in which they were started, and stopped. */
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  stop(): void;
}

export const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:bulk-action';

export async function noteExecutions(): Promise<NotedExecutions> {
  const started: string[] = [];
  const stopped: string[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1);
    const { name, executionArn } = (await json(request)) as { name?: string; executionArn?: string };
    if (operation === 'StartExecution') started.push(name as string);
    if (operation === 'StopExecution') stopped.push(executionArn?.split(':').at(-1) as string);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(
      JSON.stringify({
        executionArn: executionArn ?? `${machineArn}:${name}`,
        status: 'ABORTED',
        startDate: 1,
        stopDate: 1,
      }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new SFNClient({ endpoint: `http://127.0.0.1:${port}` });
  return { executions: new Executions(client, machineArn), client, started, stopped, stop: () => server.close() };
}
