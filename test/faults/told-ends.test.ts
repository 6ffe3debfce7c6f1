import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { z } from 'zod';
import type { createdWebhookSchema, deliveryListSchema } from '../../lambdas/model/api/webhooks.ts';
import type { AwsRequest, Interception } from '../../local/faults/aws-interceptor.ts';
import { type BootedStack, bootStack } from '../support/boot-stack.ts';
import { RollcallClient } from '../support/client.ts';
import type { OutsideServer } from '../support/outside-service.ts';
import { newReference } from '../support/references.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

type Deliveries = z.infer<typeof deliveryListSchema>;

/** Where a function is killed, once: at its first request to this operation whose body has this text. */
interface Kill {
  readonly functionName: string;
  readonly operation: string;
  readonly text: string;
  readonly how: Interception;
}

const kills: readonly Kill[] = [
  { functionName: 'finish-action', operation: 'UpdateItem', text: 'UNANNOUNCED', how: 'kill-after' },
  { functionName: 'finish-action', operation: 'PutEvents', text: '', how: 'kill-before' },
  { functionName: 'finish-action', operation: 'PutEvents', text: '', how: 'kill-after' },
  { functionName: 'queue-deliveries', operation: 'PutItem', text: '', how: 'kill-after' },
  { functionName: 'queue-deliveries', operation: 'SendMessageBatch', text: '', how: 'kill-before' },
  { functionName: 'deliver-webhook', operation: 'UpdateItem', text: 'tries', how: 'kill-after' },
  { functionName: 'deliver-webhook', operation: 'UpdateItem', text: '"delivered"', how: 'kill-before' },
];
const outstanding = new Set(kills);

function interceptor({ functionName, operation, body }: AwsRequest): Interception {
  const kill = [...outstanding].find(
    (one) => functionName.endsWith(one.functionName) && operation === one.operation && body.includes(one.text),
  );
  if (!kill) return 'pass';
  outstanding.delete(kill);
  return kill.how;
}

let stack: BootedStack;
let client: RollcallClient;
let receiver: OutsideServer;
beforeAll(async () => {
  stack = await bootStack(inject('assembly'), {
    interceptor,
    redeliverAfterSeconds: 1,
    // An attempt that was killed is taken for lost after this and five seconds more.
    environmentOverrides: { 'rollcall-local-deliver-webhook': { WEBHOOK_TIMEOUT_SECONDS: '1' } },
  });
  client = new RollcallClient(stack.address);
  receiver = await startReceiver();
});
afterAll(async () => {
  await stack.local.stop();
  await receiver[Symbol.asyncDispose]();
});

it('GIVEN functions that are killed between an end and its delivery WHEN they come again THEN each end is heard of', async () => {
  const created = await client.post<z.infer<typeof createdWebhookSchema>>('/api/webhooks', { url: receiver.url });
  const records = [{ pvarId: 'PVAR-1', boundaryCode: 'B-1' }];
  const actionIds = await Promise.all(
    Array.from({ length: 3 }, () =>
      client.submitRecords({ referenceId: newReference(), processName: 'campaignCreation' }, records),
    ),
  );
  await stack.local.waitUntilIdle();

  expect([...outstanding], 'kills that never struck').toEqual([]);
  const heard = Map.groupBy(receiver.requests, ({ body }) => body.actionId as string);
  expect([...heard.keys()].sort()).toEqual(actionIds.toSorted());
  for (const requests of heard.values()) expect(new Set(requests.map(({ text }) => text)).size).toBe(1);
  const { items } = await client.read<Deliveries>(`/api/webhooks/${created.body.webhookId}/deliveries`);
  expect(items.map(({ status }) => status)).toEqual(actionIds.map(() => 'delivered'));
});
