import { setTimeout as delay } from 'node:timers/promises';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { adminAccountId } from '../../lambdas/model/api-key.ts';
import { ActionStore } from '../../lambdas/store/action-store.ts';
import { ControlTable } from '../../lambdas/store/control-table.ts';
import type { AwsRequest, Interception } from '../../local/faults/aws-interceptor.ts';
import { awsError } from '../support/aws-answers.ts';
import { type BootedStack, bootStack } from '../support/boot-stack.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { documents, emulatorCredentials, expectExactlyOnce } from '../support/entities.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';
import type { StackResources } from '../support/stack-address.ts';

const processName = 'facilityCreation';

/** Messages with these texts in them vanish; requests of functions with these texts in them fail. */
const lost = new Set<string>();
const broken = new Set<string>();

function interceptor({ functionName, operation, body }: AwsRequest): Interception {
  const isBroken = [...broken].some((text) => `${functionName} ${operation} ${body}`.includes(text));
  return isBroken ? awsError('com.amazonaws.dynamodb.v20120810#ValidationException') : 'pass';
}

let stack: BootedStack;
let client: RollcallClient;
let actions: ActionStore;
beforeAll(async () => {
  stack = await bootStack(inject('assembly'), {
    interceptor,
    redeliverAfterSeconds: 1,
    loseMessage: (body) => [...lost].some((text) => body.includes(text)),
    // Impatient, since what is lost here is waited for until that time; the sweep looks after all that it finds.
    environmentOverrides: { '*': { STALL_SECONDS: '2' }, 'rollcall-local-sweep-actions': { STALL_SECONDS: '0' } },
  });
  client = new RollcallClient(stack.address);
  const resources = stack.address.resources as StackResources;
  actions = new ActionStore(new ControlTable(documents(resources), resources.controlTable));
});
afterAll(() => stack.local.stop());

/** Sweeps as the schedule would. */
async function sweep(): Promise<void> {
  await stack.local.invoke('rollcall-local-sweep-actions', { id: 'x', source: 'aws.events', time: '', detail: {} });
}

async function sweepUntilEnded(actionId: string): Promise<void> {
  const isOpen = async () => (await client.action(actionId)).finishedAt === undefined;
  while (await isOpen()) {
    await sweep();
    await delay(100);
  }
}

describe('GIVEN that messages get lost', () => {
  it('WHEN all of an action are THEN its rows end unprocessed, and a retry creates them', async () => {
    const referenceId = newReference();
    const sheet = facilitySheet(facilities(150));
    lost.add(referenceId);
    const actionId = await client.submit({ referenceId, processName }, csvFile(sheet));
    const first = await expectConserved(client, actionId, sheet);
    expect(first.action).toMatchObject({ status: 'completed_with_failures', counts: { rows: 150, unprocessed: 150 } });
    expect(await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId })).toEqual([]);

    lost.delete(referenceId);
    expect((await client.post(`/api/bulk-actions/${actionId}/retry`)).status).toBe(202);
    const second = await expectConserved(client, actionId, sheet);
    expect(second.action).toMatchObject({ status: 'completed', run: 1, counts: { rows: 150, created: 150 } });
    expect(await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId })).toHaveLength(150);
  });

  it('WHEN one of three is THEN only its rows end unprocessed, and the next action takes them up', async () => {
    const referenceId = newReference();
    const sheet = facilitySheet(facilities(250));
    const third = `${referenceId}","processName":"facilityCreation","run":0,"currentBatchNumber":3`;
    lost.add(third);
    const first = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(sheet)),
      sheet,
    );
    expect(first.action.counts).toMatchObject({ rows: 250, created: 200, unprocessed: 50 });
    const next = facilitySheet(facilities(1, 900));
    const second = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(next)),
      next,
    );
    expect(second.action).toMatchObject({
      status: 'completed',
      counts: { created: 1 },
      revived: { rows: 50, created: 50 },
    });
    expect(await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId })).toHaveLength(251);
  });
});

describe('GIVEN that nobody drives an action any more', () => {
  it('WHEN its execution was stopped THEN the sweep ends it, with an answer for each row', async () => {
    const referenceId = newReference();
    const sheet = facilitySheet(facilities(250));
    lost.add(`${referenceId}","processName":"facilityCreation","run":0,"currentBatchNumber":2`);
    const actionId = await client.submit({ referenceId, processName }, csvFile(sheet));
    const { execution = '' } = await client.until(actionId, ({ batches }) => batches.done === 2);
    const states = new SFNClient({ ...emulatorCredentials, endpoint: stack.local.endpoints.control });
    await states.send(new StopExecutionCommand({ executionArn: execution }));
    await sweepUntilEnded(actionId);
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({
      status: 'failed',
      problem: { code: 'execution_stopped' },
      counts: { rows: 250, created: 150, unprocessed: 100 },
    });

    expect((await client.post(`/api/bulk-actions/${actionId}/retry`)).status).toBe(202);
    const retried = await expectConserved(client, actionId, sheet);
    expect(retried.action).toMatchObject({ status: 'completed', counts: { created: 250 } });
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });

  it('WHEN the event of its sheet was lost THEN the sweep starts it', async () => {
    broken.add('start-action');
    const referenceId = newReference();
    const sheet = facilitySheet(facilities(3));
    const actionId = await client.submit({ referenceId, processName }, csvFile(sheet));
    await stack.local.waitUntilIdle();
    broken.delete('start-action');
    expect(await client.action(actionId)).toMatchObject({ status: 'pending' });
    await sweepUntilEnded(actionId);
    expect((await expectConserved(client, actionId, sheet)).action).toMatchObject({
      status: 'completed',
      counts: { created: 3 },
    });
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });

  it('WHEN its sheet never came THEN the sweep ends it when its time is over, and its reference is free', async () => {
    const referenceId = newReference();
    const file = csvFile(facilitySheet(facilities(1)));
    const { actionId } = await client.create({ referenceId, processName }, file);
    await sweep();
    expect(await client.action(actionId)).toMatchObject({ status: 'pending' });
    await actions.record(adminAccountId, actionId, { deadlineAt: new Date().toISOString() });
    await sweepUntilEnded(actionId);
    expect(await client.action(actionId)).toMatchObject({ status: 'failed', problem: { code: 'upload_missing' } });
    await expectConserved(client, await client.submit({ referenceId, processName }, file));
  });

  it('WHEN a step fails for good THEN the action fails, with an answer for each row, and a retry mends it', async () => {
    const referenceId = newReference();
    const sheet = facilitySheet(facilities(120));
    const dispatching = `dispatch-chunk`;
    broken.add(dispatching);
    const actionId = await client.submit({ referenceId, processName }, csvFile(sheet));
    const { action } = await expectConserved(client, actionId, sheet);
    broken.delete(dispatching);
    expect(action).toMatchObject({
      status: 'failed',
      problem: { code: 'internal_error' },
      counts: { rows: 120, created: 0, unprocessed: 120 },
    });
    expect((await client.post(`/api/bulk-actions/${actionId}/retry`)).status).toBe(202);
    expect((await expectConserved(client, actionId, sheet)).action).toMatchObject({
      status: 'completed',
      counts: { created: 120 },
    });
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });

  it('WHEN its report cannot be written THEN the action fails, and a retry creates nothing twice and writes it', async () => {
    const referenceId = newReference();
    const sheet = facilitySheet(facilities(120));
    const writing = 'write-report PutObject';
    broken.add(writing);
    const actionId = await client.submit({ referenceId, processName }, csvFile(sheet));
    expect(await client.ended(actionId)).toMatchObject({
      status: 'failed',
      problem: { code: 'internal_error' },
      counts: { rows: 120, created: 120, unprocessed: 0 },
    });
    broken.delete(writing);
    expect(await client.get(`/api/bulk-actions/${actionId}/report`)).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('Retry it') },
    });
    expect((await client.post(`/api/bulk-actions/${actionId}/retry`)).status).toBe(202);
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({ status: 'completed', run: 1, counts: { rows: 120, created: 120 } });
    expect(action).not.toHaveProperty('problem');
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });

  it('WHEN the end of its first run is told again during its retry THEN the retry goes on', async () => {
    const referenceId = newReference();
    const sheet = facilitySheet(facilities(2));
    lost.add(referenceId);
    const actionId = await client.submit({ referenceId, processName }, csvFile(sheet));
    await expectConserved(client, actionId, sheet);
    await client.post(`/api/bulk-actions/${actionId}/retry`);
    const late = { accountId: adminAccountId, actionId, run: 0 };
    await stack.local.invoke('rollcall-local-finish-action', late);
    expect((await client.action(actionId)).finishedAt).toBeUndefined();
    lost.delete(referenceId);
    expect((await expectConserved(client, actionId, sheet)).action.run).toBe(1);
  });
});

describe('GIVEN messages that nobody can read', () => {
  it('WHEN they lie in the queue THEN the others are handled all the same', async () => {
    const sqs = new SQSClient({ ...emulatorCredentials, endpoint: stack.local.endpoints.sqs });
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
    const url = QueueUrls.find((candidate) => candidate.includes('BatchProcessingBatches')) ?? '';
    const head = { accountId: 'default', referenceId: 'cmp', run: 0, currentBatchNumber: 1, totalBatchNumber: 1 };
    const rows = [{ rowNumber: 2, uniqueIdentifier: 'A', data: {} }];
    const nobody = '00000000-0000-4000-8000-000000000000';
    for (const body of [
      'no JSON',
      JSON.stringify({ rows: 'none' }),
      JSON.stringify({ ...head, actionId: nobody, processName, rows }),
      JSON.stringify({ ...head, actionId: nobody, processName: 'castleCreation', rows }),
      JSON.stringify({ ...head, actionId: nobody, processName, rowsKey: 'chunks/nothing' }),
    ]) {
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    }
    const referenceId = newReference();
    const sheet = facilitySheet(facilities(320));
    const { action } = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(sheet)),
      sheet,
    );
    expect(action).toMatchObject({ status: 'completed', counts: { created: 320 } });
    await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  });
});
