import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { BulkActionView, bulkActionListSchema, Upload } from '../../lambdas/model/api.ts';
import { adminAccountId } from '../../lambdas/model/api-key.ts';
import { type Created, postForm, RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { emulatorCredentials, expectExactlyOnce } from '../support/entities.ts';
import { facilities, facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile, delimited } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const client = new RollcallClient(stack);
const processName = 'facilityCreation';
const sheet = facilitySheet(facilities(3));
const file = csvFile(sheet);

type Form = Extract<Upload, { kind: 'post' }>;
type Parts = Extract<Upload, { kind: 'parts' }>;

describe('GIVEN an address to upload a sheet to', () => {
  it('WHEN more or fewer bytes come than were announced THEN they are refused, and the right ones still pass', async () => {
    const { actionId, upload } = await client.create({ referenceId: newReference(), processName }, file);
    for (const content of [Buffer.concat([file.content, Buffer.from('x')]), file.content.subarray(1)]) {
      expect((await postForm(upload as Form, content)).status).toBe(400);
    }
    expect(await client.action(actionId)).toMatchObject({ status: 'pending' });
    await client.upload(upload as Form, file);
    expect((await expectConserved(client, actionId, sheet)).action.counts.created).toBe(3);
  });

  it('WHEN the form is used for another key THEN the upload is refused', async () => {
    const { actionId, upload } = await client.create({ referenceId: newReference(), processName }, file);
    const { url, fields, ...rest } = upload as Form;
    const elsewhere = { ...rest, url, fields: { ...fields, key: `inbox/other/cmp/facilityCreation/${actionId}.csv` } };
    expect((await postForm(elsewhere, file.content)).status).toBe(403);
  });

  it('WHEN it is used twice THEN it is one action', async () => {
    const referenceId = newReference();
    const { actionId, upload } = await client.create({ referenceId, processName }, file);
    await client.upload(upload as Form, file);
    await client.upload(upload as Form, file);
    await expectConserved(client, actionId, sheet);
    await client.upload(upload as Form, file);
    expect((await client.action(actionId)).counts.created).toBe(3);
    await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });
  });
});

describe('GIVEN a sheet of more than 8 MiB', () => {
  const long = facilitySheet(facilities(1_200));
  const large = { headers: [...long.headers, 'remark'], rows: long.rows.map((row) => [...row, 'x'.repeat(8_000)]) };
  const largeFile = { fileName: 'large.csv', content: Buffer.from(delimited(large)) };

  it('WHEN it is uploaded in parts THEN every row becomes an entity', async () => {
    const referenceId = newReference();
    const { actionId, upload } = await client.create({ referenceId, processName }, largeFile);
    expect(upload).toMatchObject({ kind: 'parts', parts: [{ partNumber: 1 }, { partNumber: 2 }] });
    const wrong = { parts: [{ partNumber: 1, etag: '"0123456789abcdef0123456789abcdef"' }] };
    const early = await client.post((upload as Parts).completeUrl, wrong);
    expect(early).toMatchObject({ status: 409, body: { code: 'upload_incomplete', missingParts: [2] } });

    await client.upload(upload as Parts, largeFile);
    const { action } = await expectConserved(client, actionId, large);
    expect(action).toMatchObject({ status: 'completed', counts: { rows: 1_200, created: 1_200 } });
    await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });
  });

  it('WHEN an upload in one form is to be completed THEN there is nothing to complete', async () => {
    const { actionId } = await client.create({ referenceId: newReference(), processName }, file);
    const parts = [{ partNumber: 1, etag: '"x"' }];
    const answer = await client.post(`/api/bulk-actions/${actionId}/upload/complete`, { parts });
    expect(answer).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  });
});

describe('GIVEN an action that has not ended', () => {
  it('WHEN another is created for its reference and process THEN it is told which one runs', async () => {
    const referenceId = newReference();
    const { actionId, upload } = await client.create({ referenceId, processName }, file);
    const body = { referenceId, processName, fileName: 'b.csv', size: 10 };
    const second = await client.post('/api/bulk-actions', body);
    expect(second).toMatchObject({ status: 409, body: { code: 'action_running', actionId } });
    const other = await client.post('/api/bulk-actions', { ...body, processName: 'userCreation' });
    expect(other.status).toBe(201);

    await client.upload(upload as Form, file);
    await client.ended(actionId);
    expect((await client.post('/api/bulk-actions', body)).status).toBe(201);
  });

  it('WHEN its rows, report or retry are asked for THEN the answer is not yet', async () => {
    const { actionId } = await client.create({ referenceId: newReference(), processName }, file);
    const path = `/api/bulk-actions/${actionId}`;
    for (const answer of [
      await client.get(`${path}/rows`),
      await client.get(`${path}/report`),
      await client.post(`${path}/retry`),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
    }
  });
});

describe('GIVEN an Idempotency-Key', () => {
  it('WHEN a request comes again with it THEN it is the same action, and another request with it is refused', async () => {
    const submission = { referenceId: newReference(), processName };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await client.create(submission, file, headers);
    const second = await client.create(submission, file, headers);
    expect(second.actionId).toBe(first.actionId);
    const other = await client.post('/api/bulk-actions', { ...submission, fileName: 'b.csv', size: 10 }, headers);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_conflict', actionId: first.actionId } });

    await client.upload(second.upload as Form, file);
    await expectConserved(client, first.actionId, sheet);
    const late = await client.post<Created>(
      '/api/bulk-actions',
      { ...submission, fileName: file.fileName, size: file.content.length },
      headers,
    );
    expect(late).toMatchObject({ status: 201, body: { actionId: first.actionId, status: 'completed' } });
    expect(late.body).not.toHaveProperty('upload');
  });

  it('WHEN many requests come with it at once THEN it is one action', async () => {
    const body = { referenceId: newReference(), processName, records: [facility('Only')] };
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => client.post<Created>('/api/bulk-actions', body, headers)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const [actionId, ...others] = new Set(answers.map((answer) => answer.body.actionId));
    expect(others).toEqual([]);
    expect((await expectConserved(client, actionId ?? '')).action.counts).toMatchObject({ rows: 1, created: 1 });
  });
});

describe.skipIf(!stack.resources)('GIVEN a sheet dropped into an inbox', () => {
  const { bucket = '', endpoints } = stack.resources ?? {};
  const s3 = new S3Client(endpoints ? { ...emulatorCredentials, endpoint: endpoints.s3, forcePathStyle: true } : {});
  const drop = (Key: string, Body: Buffer) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));

  /** The reference's actions once there is one. */
  async function actionsOf(referenceId: string): Promise<BulkActionView[]> {
    for (;;) {
      const path = `/api/bulk-actions?referenceId=${referenceId}`;
      const { items } = await client.read<z.infer<typeof bulkActionListSchema>>(path);
      if (items.length > 0) return items;
      await delay(100);
    }
  }

  it('WHEN it comes ten times THEN it is one action, and every row an entity', async () => {
    const referenceId = newReference();
    const key = `inbox/${adminAccountId}/${referenceId}/${processName}/any name.csv`;
    for (let time = 0; time < 10; time++) await drop(key, file.content);
    const [action] = await actionsOf(referenceId);
    const { action: ended } = await expectConserved(client, action?.actionId ?? '', sheet);
    expect(ended).toMatchObject({ status: 'completed', counts: { created: 3 } });
    await drop(key, file.content);
    const corrected = facilitySheet(facilities(4));
    await drop(key, csvFile(corrected).content);
    while ((await actionsOf(referenceId)).length < 2) await delay(100);
    const all = await actionsOf(referenceId);
    expect(all).toHaveLength(2);
    await expectConserved(client, all[0]?.actionId ?? '', corrected);
    await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });
  });

  it.each([
    { name: 'an empty file', content: Buffer.alloc(0), process: processName, code: 'empty_sheet' },
    {
      name: 'a sheet for no process that there is',
      content: file.content,
      process: 'castleCreation',
      code: 'unknown_process',
    },
  ])('WHEN it is $name THEN the action fails with that reason', async ({ content, process, code }) => {
    const referenceId = newReference();
    await drop(`inbox/${adminAccountId}/${referenceId}/${process}/drop.csv`, content);
    const [action] = await actionsOf(referenceId);
    const ended = await client.ended(action?.actionId ?? '');
    expect(ended).toMatchObject({ status: 'failed', problem: { code }, counts: { rows: 0 } });
  });

  it('WHEN two sheets of one kind come at once THEN one waits for the other, and rows in both are created once', async () => {
    const referenceId = newReference();
    const folder = `inbox/${adminAccountId}/${referenceId}/${processName}`;
    await Promise.all([
      drop(`${folder}/a.csv`, csvFile(facilitySheet(facilities(5))).content),
      drop(`${folder}/b.csv`, csvFile(facilitySheet(facilities(5, 3))).content),
    ]);
    while ((await actionsOf(referenceId)).length < 2) await delay(100);
    for (const { actionId } of await actionsOf(referenceId)) {
      expect((await expectConserved(client, actionId)).action.counts.rows).toBe(5);
    }
    expect(await expectExactlyOnce(stack, client, { entity: 'facility', referenceId })).toHaveLength(7);
  });
});
