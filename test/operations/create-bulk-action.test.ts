import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreateBulkAction, Upload } from '../../lambdas/model/api.ts';
import { createBulkAction, type SubmitLimits } from '../../lambdas/operations/create-bulk-action.ts';
import { uploadName } from '../../lambdas/operations/submitted-sheet.ts';
import { campaignCreation } from '../../lambdas/processes/campaign-creation.ts';
import { inSeconds, newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

const limits: SubmitLimits = {
  maxUploadBytes: 40 * 1024 ** 2,
  maxInlineRecords: 3,
  singleUploadBytes: 1024,
  uploadPartBytes: 5 * 1024 ** 2,
  uploadExpirySeconds: 600,
  idempotencyDays: 1,
};
const accountLimits = { requestsPerMinute: 1_000, recordsPerMinute: 1, burstRecords: 12 };
const caller = { accountId: 'acme', keyId: 'k1', role: 'operator' } as const;

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const scheduled: string[] = [];
let references = 0;
function sheetOf(size: number, own: Partial<CreateBulkAction> = {}): CreateBulkAction {
  references += 1;
  return { referenceId: `cmp-${references}`, processName: 'campaignCreation', fileName: 'a sheet.csv', size, ...own };
}

function submit(body: CreateBulkAction, idempotencyKey?: string, accountId = 'acme') {
  const submission = {
    caller: { ...caller, accountId },
    accountLimits,
    body,
    process: campaignCreation,
    idempotencyKey,
  };
  const scheduleStart = async ({ actionId }: { actionId: string }) => void scheduled.push(actionId);
  return createBulkAction({ ...stores, scheduleStart }, submission, limits);
}

async function postForm(upload: Upload | undefined, content: string): Promise<Response> {
  if (upload?.kind !== 'post') throw new Error('expected a form');
  const form = new FormData();
  for (const [name, value] of Object.entries(upload.fields)) form.set(name, value);
  form.set('file', new Blob([content]));
  return fetch(upload.url, { method: 'POST', body: form });
}

describe('an action that is to start later', () => {
  test('GIVEN a time to come WHEN submitted THEN it is scheduled, waits for it, and does not hold its reference', async () => {
    const startAt = inSeconds(3_600);
    const { action, upload } = await submit(sheetOf(5, { startAt }));
    expect(upload?.kind).toBe('post');
    expect(await stores.actions.get('acme', action.actionId)).toMatchObject({ startAt, waitingFor: 'start' });
    expect(action.source.key).toMatch(/^scheduled\//);
    expect(scheduled).toContain(action.actionId);
    expect(await stores.references.process(action)).toBeUndefined();
    const { items } = await stores.actions.list('acme', { waitingFor: 'start', limit: 10 });
    expect(items.map(({ actionId }) => actionId)).toContain(action.actionId);
  });

  test.each([
    ['past', -1],
    ['more than a year ahead', 366 * 86_400],
  ])(
    'GIVEN a time that is %s WHEN submitted THEN it is refused, and its key is free for a corrected one',
    async (_, seconds) => {
      const body = sheetOf(5, { startAt: inSeconds(seconds) });
      await expect(submit(body, 'start-later')).rejects.toMatchObject({
        code: 'invalid_request',
        members: { errors: [{ in: 'body', path: 'startAt', received: `"${body.startAt}"` }] },
      });
      const { action } = await submit({ ...body, startAt: inSeconds(60) }, 'start-later');
      expect(action.status).toBe('pending');
      await stores.idempotency.forget('acme', 'start-later');
    },
  );
});

describe('a sheet', () => {
  test('GIVEN a small one WHEN submitted THEN the action holds the reference, and the form takes these bytes only', async () => {
    const { action, upload } = await submit(sheetOf(5, { onInvalidRow: 'skip', sheetName: 'Data' }));
    expect(await stores.actions.get('acme', action.actionId)).toMatchObject({
      status: 'pending',
      onInvalidRow: 'skip',
      sheetName: 'Data',
      source: { kind: 'upload', fileName: 'a sheet.csv', size: 5 },
    });
    expect(await stores.references.process(action)).toMatchObject({ runningActionId: action.actionId });
    expect((await postForm(upload, '123456')).ok).toBe(false);
    expect((await postForm(upload, '12345')).ok).toBe(true);
    expect(await stores.bucket.head(action.source.key)).toMatchObject({ size: 5 });
  });

  test('GIVEN no policy of the caller WHEN submitted THEN the process’s own holds', async () => {
    expect((await submit(sheetOf(5))).action.onInvalidRow).toBe('reject');
  });

  test('GIVEN a large one WHEN submitted THEN it goes in parts that are the whole, the last one shorter', async () => {
    const size = 12 * 1024 ** 2;
    const { action, upload } = await submit(sheetOf(size));
    if (upload?.kind !== 'parts') throw new Error('expected parts');
    expect(upload.partBytes).toBe(limits.uploadPartBytes);
    expect(upload.parts.map(({ partNumber }) => partNumber)).toEqual([1, 2, 3]);
    expect(upload.completeUrl).toBe(`/api/bulk-actions/${action.actionId}/upload/complete`);
    expect((await stores.actions.get('acme', action.actionId)).source).toHaveProperty('uploadId');
  });

  test('GIVEN one beyond the limit WHEN submitted THEN 413 and the reference stays free', async () => {
    const body = sheetOf(limits.maxUploadBytes + 1);
    await expect(submit(body)).rejects.toMatchObject({
      code: 'payload_too_large',
      members: { limitBytes: limits.maxUploadBytes },
    });
    expect(await stores.references.process({ accountId: 'acme', ...body })).toBeUndefined();
  });

  test.each([
    ['a sheet.csv', 'a_sheet.csv'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['..', 'sheet'],
    ['ü\u0000\\x.xlsx', '___x.xlsx'],
    [`${'long'.repeat(60)}.csv`, `${'long'.repeat(60)}.csv`.slice(-100)],
  ])('GIVEN the file name %j WHEN it becomes part of a key THEN %j', (name, safe) =>
    expect(uploadName(name)).toBe(safe),
  );
});

describe('records', () => {
  const records = [
    { pvarId: 'A', boundaryCode: 'B1' },
    { pvarId: 'B', boundaryCode: ['B1', 'B2'], target: 3 },
  ];

  test('GIVEN some WHEN submitted THEN they lie in the bucket as NDJSON of the announced size', async () => {
    const { action, upload } = await submit({ ...sheetOf(0), fileName: undefined, size: undefined, records });
    expect(upload).toBeUndefined();
    expect(await stores.bucket.head(action.source.key)).toMatchObject({ size: action.source.size });
    const lines = await Array.fromAsync(stores.bucket.readLines(action.source.key, 10));
    expect(lines.flat()).toEqual(records);
  });

  test('GIVEN too many WHEN submitted THEN 413 with the limit', async () => {
    const body = { ...sheetOf(0), records: [{}, {}, {}, {}] };
    await expect(submit(body)).rejects.toMatchObject({ code: 'payload_too_large', members: { limitRecords: 3 } });
  });
});

describe('the quota of records', () => {
  const threeRecords = () => ({
    ...sheetOf(0),
    fileName: undefined,
    size: undefined,
    records: [{ pvarId: 'A' }, { pvarId: 'B' }, { pvarId: 'C' }],
  });
  const left = async (accountId: string) =>
    (await stores.quotas.look({ accountId, quota: 'records', perMinute: 1, capacity: 12 })).remaining;

  test('GIVEN room for four requests WHEN ten come at once THEN four are taken, and nothing is made of the others', async () => {
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, () => submit(threeRecords(), undefined, 'crowd')),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    const refused = attempts.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({ code: 'too_many_requests', members: { quota: 'records', remaining: 0 } });
    expect((await stores.actions.list('crowd', { limit: 100 })).items).toHaveLength(4);
  });

  test('GIVEN a request that is refused WHEN it had been charged THEN it gets its records back', async () => {
    const body = threeRecords();
    const { action } = await submit(body, undefined, 'busy');
    expect(action).toMatchObject({ accountId: 'busy' });
    expect(await stores.actions.get('busy', action.actionId)).toMatchObject({ charged: { run: 0, records: 3 } });
    for (let n = 0; n < 10; n++) {
      await expect(submit(body, undefined, 'busy')).rejects.toMatchObject({ code: 'action_running' });
    }
    // A refund leaves the moment in between paid.
    expect(await left('busy')).toBeGreaterThanOrEqual(8);
  });

  test('GIVEN one Idempotency-Key WHEN ten come with it at once, and another later THEN one is charged', async () => {
    const body = threeRecords();
    await Promise.allSettled(Array.from({ length: 10 }, () => submit(body, 'twins', 'twins')));
    await submit(body, 'twins', 'twins');
    expect(await left('twins')).toBeGreaterThanOrEqual(8);
  });

  test('GIVEN an Idempotency-Key whose request was over the limit WHEN it comes again in time THEN it is taken', async () => {
    const taking = await stores.quotas.take({ accountId: 'later', quota: 'records', perMinute: 1, capacity: 12 }, 12);
    expect(taking.taken).toBe(12);
    const body = threeRecords();
    await expect(submit(body, 'over', 'later')).rejects.toMatchObject({ code: 'too_many_requests' });
    await stores.quotas.fill('later', ['records']);
    await expect(submit(body, 'over', 'later')).resolves.toMatchObject({ action: { status: 'pending' } });
  });
});

describe('one action of a reference and process at a time', () => {
  test('GIVEN a running one WHEN another is submitted THEN 409 names it; another account does not notice', async () => {
    const body = sheetOf(5);
    const { action } = await submit(body);
    await expect(submit(body)).rejects.toMatchObject({
      code: 'action_running',
      members: { actionId: action.actionId },
    });
    await expect(submit(body, undefined, 'other')).resolves.toMatchObject({ action: { accountId: 'other' } });
  });

  test('GIVEN one that ended without giving its claim back WHEN another is submitted THEN it takes over', async () => {
    const body = sheetOf(5);
    const { action } = await submit(body);
    await stores.actions.transition('acme', action.actionId, 'failed');
    const next = await submit(body);
    expect(await stores.references.process(action)).toMatchObject({ runningActionId: next.action.actionId });
  });

  test('GIVEN a transaction that meets another one’s WHEN submitted THEN it is tried again', async () => {
    let meetings = 0;
    const { middlewareStack } = stores.control.client;
    middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== 'TransactWriteItemsCommand' || meetings++ > 0) return next(args);
          throw new TransactionCanceledException({
            $metadata: {},
            message: 'cancelled',
            CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
          });
        },
      { name: 'meetAnother', step: 'initialize' },
    );
    await expect(submit(sheetOf(5))).resolves.toBeDefined();
    middlewareStack.remove('meetAnother');
    expect(meetings).toBe(2);
  });

  test('GIVEN twenty at once WHEN submitted THEN one is created', async () => {
    const body = sheetOf(5);
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => submit(body)));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const page = await stores.actions.list('acme', { referenceId: body.referenceId, limit: 100 });
    expect(page.items).toHaveLength(1);
  });
});

describe('Idempotency-Key', () => {
  test('GIVEN the same request WHEN it comes again THEN it is the same action, with an address that works', async () => {
    const body = sheetOf(5);
    const first = await submit(body, 'key-1');
    const again = await submit(body, 'key-1');
    expect(again.action.actionId).toBe(first.action.actionId);
    expect((await postForm(again.upload, '12345')).ok).toBe(true);
  });

  test('GIVEN ten at once WHEN submitted THEN all are answered with one action', async () => {
    const body = sheetOf(5);
    const created = await Promise.all(Array.from({ length: 10 }, () => submit(body, 'key-2')));
    expect(new Set(created.map(({ action }) => action.actionId)).size).toBe(1);
  });

  test('GIVEN another request WHEN it comes with the key THEN 409; another account may use the key', async () => {
    const body = sheetOf(5);
    const { action } = await submit(body, 'key-3');
    await expect(submit({ ...body, size: 6 }, 'key-3')).rejects.toMatchObject({
      code: 'idempotency_conflict',
      members: { actionId: action.actionId },
    });
    await expect(submit({ ...body, size: 6 }, 'key-3', 'other')).resolves.toBeDefined();
  });

  test('GIVEN a first attempt that died before the action was created WHEN it comes again THEN it is created', async () => {
    const body = sheetOf(5);
    const first = await submit(body, 'key-4');
    await stores.control.delete({ pk: `ACTION#acme#${first.action.actionId}`, sk: 'META' });
    await stores.references.release(first.action, { clean: true, counts: first.action.counts });
    const again = await submit(body, 'key-4');
    expect(again.action.actionId).toBe(first.action.actionId);
    expect(await stores.actions.find('acme', again.action.actionId)).toBeDefined();
  });

  test('GIVEN records whose upload died midway WHEN they come again THEN they are there', async () => {
    const body = { ...sheetOf(0), fileName: undefined, size: undefined, records: [{ pvarId: 'A' }] };
    const { action } = await submit(body, 'key-5');
    await stores.bucket.put(action.source.key, 'half', 'text/plain');
    await submit(body, 'key-5');
    expect(await stores.bucket.head(action.source.key)).toMatchObject({ size: action.source.size });
  });

  test('GIVEN an action whose sheet has come WHEN the request comes again THEN no address is given out', async () => {
    const body = sheetOf(5);
    const { action } = await submit(body, 'key-6');
    await stores.actions.transition('acme', action.actionId, 'validating');
    await expect(submit(body, 'key-6')).resolves.toEqual({ action: expect.objectContaining({ status: 'validating' }) });
  });

  test('GIVEN a refused request WHEN a corrected one comes THEN the key is free for it', async () => {
    const running = newAction({ referenceId: 'cmp-busy', processName: 'campaignCreation' });
    await stores.actions.createClaiming(running, stores.references);
    const body = sheetOf(5, { referenceId: 'cmp-busy' });
    await expect(submit(body, 'key-7')).rejects.toMatchObject({ code: 'action_running' });
    await expect(submit(sheetOf(5), 'key-7')).resolves.toBeDefined();
  });
});
