import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BulkAction, noCounts } from '../../lambdas/model/action.ts';
import { retryBulkAction } from '../../lambdas/operations/retry-bulk-action.ts';
import { Executions } from '../../lambdas/store/executions.ts';
import { newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:bulk-action';
const caller = { accountId: 'acme', keyId: 'k1', role: 'operator' } as const;
const startedNames: string[] = [];
let stores: TestStores & { executions: Executions };
let stepFunctions: Server;

beforeAll(async () => {
  // All that is asked of Step Functions here is to note that an execution was started.
  stepFunctions = createServer(async (request, response) => {
    const { name } = (await json(request)) as { name: string };
    startedNames.push(name);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ executionArn: `${machineArn}:${name}`, startDate: 1 }));
  }).listen(0, '127.0.0.1');
  await once(stepFunctions, 'listening');
  const plain = await startTestStores();
  const { port } = stepFunctions.address() as AddressInfo;
  const client = new SFNClient({ endpoint: `http://127.0.0.1:${port}` });
  stores = { ...plain, executions: new Executions(client, machineArn) };
});
afterAll(async () => {
  stepFunctions.close();
  await stores.stop();
});

/** An action that ended with failed rows, unless `own` says otherwise. */
async function ended(own: Partial<BulkAction> = {}): Promise<BulkAction> {
  const action = newAction({
    status: 'completed_with_failures',
    counts: { ...noCounts, rows: 10, created: 6, failed: 3, unprocessed: 1 },
    sheet: { format: 'csv', headers: ['facilityName'], chunks: 1 },
    finishedAt: new Date().toISOString(),
    execution: `${machineArn}:first`,
    ...own,
  });
  await stores.actions.create(action);
  return action;
}

const retry = (action: BulkAction) => retryBulkAction(stores, caller, action.actionId, 3_600);

describe('retryBulkAction', () => {
  test('GIVEN failed rows WHEN retried THEN the next run starts, with them pending and its end forgotten', async () => {
    const action = await ended({ problem: { code: 'internal_error', detail: 'x' } });
    await retry(action);
    const next = await stores.actions.get('acme', action.actionId);
    expect(next).toMatchObject({
      status: 'pending',
      run: 1,
      counts: { rows: 10, created: 6, failed: 0, unprocessed: 0, pending: 4 },
      execution: expect.stringContaining(`${action.actionId}-1`),
    });
    expect(next).not.toHaveProperty('problem');
    expect(next).not.toHaveProperty('finishedAt');
    expect(startedNames.filter((name) => name.startsWith(action.actionId))).toEqual([`${action.actionId}-1`]);
  });

  test('GIVEN five retries at once WHEN made THEN one run starts', async () => {
    const action = await ended();
    const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => retry(action)));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await stores.actions.get('acme', action.actionId)).run).toBe(1);
    expect(startedNames.filter((name) => name.startsWith(action.actionId))).toEqual([`${action.actionId}-1`]);
  });

  test.each<[string, Partial<BulkAction>]>([
    ['it still runs', { status: 'processing' }],
    ['it has no failed rows', { status: 'completed', counts: { ...noCounts, rows: 1, created: 1 } }],
    ['its sheet was rejected', { status: 'failed', problem: { code: 'invalid_rows', detail: 'x' } }],
    ['its sheet was never read', { status: 'failed', sheet: undefined }],
  ])('GIVEN an action WHEN %s THEN a retry is refused', async (_, own) => {
    const action = await ended(own);
    await expect(retry(action)).rejects.toMatchObject({ code: 'illegal_transition' });
    expect((await stores.actions.get('acme', action.actionId)).run).toBe(0);
  });

  test('GIVEN another running action of the reference WHEN retried THEN action_running names it', async () => {
    const action = await ended();
    const running = newAction({ referenceId: action.referenceId });
    await stores.actions.createClaiming(running, stores.references);
    await expect(retry(action)).rejects.toMatchObject({
      code: 'action_running',
      members: { actionId: running.actionId },
    });
  });

  test('GIVEN another account WHEN it retries THEN there is no such action', async () => {
    const action = await ended();
    const stranger = { ...caller, accountId: 'other' };
    await expect(retryBulkAction(stores, stranger, action.actionId, 3_600)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
