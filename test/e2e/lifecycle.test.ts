import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UndoList } from '../../lambdas/model/api/lifecycle.ts';
import type { BulkActionView } from '../../lambdas/model/api.ts';
import type { UndoView } from '../../lambdas/model/undo.ts';
import { RollcallClient, type Submission } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { readEntities } from '../support/entities.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { mappingsOf } from '../support/mappings.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const client = new RollcallClient(stack);
const processName = 'facilityCreation';
const sheet = facilitySheet(facilities(20));
const file = csvFile(sheet);

const undo = (actionId: string) => client.post<{ undo: UndoView }>(`/api/bulk-actions/${actionId}/undo`);

/** What came of an undoing, and the entities that it left alone. */
async function undone(actionId: string): Promise<UndoList> {
  await client.until(actionId, (action) => action.undo !== undefined && action.undo.status !== 'running');
  return client.read<UndoList>(`/api/bulk-actions/${actionId}/undo`);
}

/** Submits records and waits for their action to end. */
async function run(own: Submission, records: Record<string, unknown>[]): Promise<BulkActionView> {
  return client.ended(await client.submitRecords(own, records));
}

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
    const startAt = inSeconds(12);
    const actionId = await client.submit({ referenceId: newReference(), processName, startAt }, file);
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
    expect(items).toMatchObject([{ actionId, status: 'pending', waitingFor: 'start', startAt: expect.any(String) }]);
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

describe.concurrent('GIVEN an action that has ended', () => {
  it('WHEN it is undone THEN its entities and mappings go, and the same sheet creates them again', async () => {
    const referenceId = newReference();
    const first = await client.submit({ referenceId, processName }, file);
    await expectConserved(client, first, sheet);
    expect(await undo(first)).toMatchObject({ status: 202, body: { undo: { status: 'running' } } });
    const meanwhile = { referenceId, processName, fileName: 'a.csv', size: 1 };
    expect(await client.post('/api/bulk-actions', meanwhile)).toMatchObject({
      status: 409,
      body: { code: 'action_running', actionId: first, detail: expect.stringContaining('undone') },
    });
    expect((await undone(first)).undo).toMatchObject({ status: 'completed', deleted: 20, restored: 0, skipped: 0 });
    expect(new Set((await mappingsOf(client, referenceId)).map(({ status }) => status))).toEqual(new Set(['detached']));
    if (stack.resources) expect(await readEntities(stack.resources, { entity: 'facility', referenceId })).toEqual([]);

    const second = await client.submit({ referenceId, processName }, file);
    expect((await expectConserved(client, second, sheet)).action.counts).toMatchObject({ created: 20, known: 0 });
    expect(new Set((await mappingsOf(client, referenceId)).map(({ status }) => status))).toEqual(new Set(['mapped']));

    await undo(first);
    const { undo: again, items } = await undone(first);
    expect(again).toMatchObject({ status: 'completed', deleted: 0, skipped: 20 });
    expect(items.map(({ rowNumber }) => rowNumber)).toEqual(sheet.rows.map((_, index) => index + 2));
    expect(new Set(items.map(({ error }) => error.code))).toEqual(new Set(['changed_since']));
    expect(await client.post(`/api/bulk-actions/${first}/retry`)).toMatchObject({ status: 409 });
  });

  it('WHEN others have changed some of its entities since THEN those stay, and are listed', async () => {
    const mark = randomUUID();
    const [kept, changed, added] = ['kept', 'changed', 'added'].map((name) => `${name}-${mark}@example.org`);
    const upsert = { referenceId: newReference(), processName: 'contactUpsert' };
    const before = [kept, changed].map((email) => ({ email, lastName: 'Before', jobTitle: 'Nurse' }));
    expect((await run(upsert, before)).counts.created).toBe(2);
    const action = await run(
      upsert,
      [kept, changed, added].map((email) => ({ email, lastName: 'After' })),
    );
    expect(action.counts).toMatchObject({ created: 1, updated: 2 });
    expect((await run(upsert, [{ email: changed, lastName: 'Later' }])).counts.updated).toBe(1);

    await undo(action.actionId);
    const { undo: done, items } = await undone(action.actionId);
    expect(done).toMatchObject({ status: 'completed', deleted: 1, restored: 1, skipped: 1 });
    expect(items).toMatchObject([{ rowNumber: 2, error: { code: 'changed_since' } }]);
    const { items: rows } = await client.read<{ items: { entityId: string }[] }>(
      `/api/bulk-actions/${action.actionId}/rows`,
    );
    expect(await client.get(`/api/entities/contact/${rows[0]?.entityId}`)).toMatchObject({
      body: { data: { lastName: 'Before', jobTitle: 'Nurse' } },
    });
    expect(await client.get(`/api/entities/contact/${rows[2]?.entityId}`)).toMatchObject({ status: 404 });
  });

  it('WHEN it has changed nothing, or not ended, THEN there is nothing to undo', async () => {
    const { actionId } = await client.create({ referenceId: newReference(), processName }, file);
    expect(await undo(actionId)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
    await cancel(actionId);
    expect(await undo(actionId)).toMatchObject({ status: 409, body: { code: 'not_undoable' } });
    expect(await client.get(`/api/bulk-actions/${actionId}/undo`)).toMatchObject({ status: 404 });
  });
});
