import { describe, expect, it } from 'vitest';
import type { BulkActionView } from '../../lambdas/model/api.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const client = new RollcallClient(sharedStack());
const processName = 'facilityCreation';
const sheet = facilitySheet(facilities(20));
const file = csvFile(sheet);

const cancel = (actionId: string) => client.post<BulkActionView>(`/api/bulk-actions/${actionId}/cancel`);
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

describe.concurrent('GIVEN an action whose sheet has not come', () => {
  it('WHEN it is cancelled THEN it has ended, its reference is free, and it cannot be uploaded to any more', async () => {
    const referenceId = newReference();
    const { actionId } = await client.create({ referenceId, processName }, file);
    expect(await cancel(actionId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    expect(await cancel(actionId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    const { action } = await expectConserved(client, actionId);
    expect(action).toMatchObject({ status: 'cancelled', finishedAt: expect.any(String) });

    const next = await client.submit({ referenceId, processName }, file);
    expect((await expectConserved(client, next, sheet)).action.status).toBe('completed');
    const tooLate = await cancel(next);
    expect(tooLate).toMatchObject({ status: 409, body: { code: 'illegal_transition', actionStatus: 'completed' } });
  });
});

describe.concurrent('GIVEN an action that is to start at a time', () => {
  it('WHEN its time comes THEN it runs, and not before', async () => {
    const startAt = inSeconds(4);
    const submission = { referenceId: newReference(), processName, startAt };
    const actionId = await client.submit(submission, file);
    expect(await client.action(actionId)).toMatchObject({ status: 'pending', startAt, waitingFor: 'start' });
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({ status: 'completed', counts: { created: 20 } });
    expect(action).not.toHaveProperty('waitingFor');
    expect((action.startedAt as string) >= startAt).toBe(true);
  });

  it('WHEN it is listed and cancelled before THEN it never runs', async () => {
    const referenceId = newReference();
    const actionId = await client.submit({ referenceId, processName, startAt: inSeconds(3_600) }, file);
    const { items } = await client.read<{ items: BulkActionView[] }>(
      `/api/bulk-actions?waitingFor=start&referenceId=${referenceId}`,
    );
    expect(items.map((item) => item.actionId)).toEqual([actionId]);
    expect(await cancel(actionId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    expect(await client.action(actionId)).not.toHaveProperty('waitingFor');
  });

  it('WHEN the time is past THEN the answer names it', async () => {
    const body = { referenceId: newReference(), processName, startAt: inSeconds(-60), fileName: 'a.csv', size: 1 };
    expect(await client.post('/api/bulk-actions', body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', detail: expect.stringContaining('startAt') },
    });
  });
});
