import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { derivedUuid } from '../../lambdas/model/identity.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { failAction } from '../../lambdas/steps/fail-action.ts';
import { stageSheet } from '../../lambdas/steps/stage-sheet.ts';
import { type StartContext, startAction } from '../../lambdas/steps/start-action.ts';
import { newAction } from '../support/actions.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { delimited } from '../support/sheet-files.ts';
import { type NotedExecutions, noteExecutions } from '../support/step-functions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { inputOf } from './step-stores.ts';

let noted: NotedExecutions;
let stores: TestStores & Pick<NotedExecutions, 'executions'>;
beforeAll(async () => {
  noted = await noteExecutions();
  stores = { ...(await startTestStores()), executions: noted.executions };
});
afterAll(async () => {
  noted.stop();
  await stores.stop();
});

const context: StartContext = {
  maxUploadBytes: 1_000,
  deadlineSeconds: 600,
  processOf: () => ({ action: 'insert', onInvalidRow: 'reject' }),
};

describe('GIVEN a sheet that arrives', () => {
  it.each([
    ['more bytes than are accepted', 1_001, 'upload_too_large'],
    ['other bytes than were announced', 999, 'upload_size_mismatch'],
  ])('WHEN it has %s THEN not one is read, and the action says why', async (_, size, code) => {
    const plain = newAction();
    const action = { ...plain, source: { ...plain.source, size: 500 } };
    await stores.actions.create(action);
    expect(await startAction(stores, { key: action.source.key, size, etag: 'e' }, context)).toBe('refused');
    const { status, problem } = await stores.actions.get(action.accountId, action.actionId);
    expect({ status, problem }).toMatchObject({
      status: 'failed',
      problem: { code, detail: expect.stringContaining(String(size)) },
    });
    expect(noted.started).toEqual([]);
  });
});

describe('GIVEN a sheet in an inbox', () => {
  it('WHEN another is put in its place before it is read THEN it is not answered for with the rows of that one', async () => {
    const content = delimited(facilitySheet(facilities(2)));
    const size = Buffer.byteLength(content);
    const key = 'inbox/acme/cmp-1/facilityCreation/weekly.csv';
    await stores.accounts.create({ accountId: 'acme', name: 'Acme', limits: {}, createdAt: new Date().toISOString() });
    await stores.bucket.put(key, content, 'text/csv');
    const { etag } = (await stores.bucket.head(key)) ?? { etag: '' };
    const staged = async (arrived: string) => {
      await startAction(stores, { key, size, etag: arrived }, context);
      const input = { accountId: 'acme', actionId: derivedUuid('inbox', key, arrived), run: 0 };
      const { outcome } = await stageSheet(stores, input, requireProcess);
      const { problem, counts } = await stores.actions.get(input.accountId, input.actionId);
      return { outcome, problem: problem?.code, rows: counts.rows };
    };
    expect(await staged('0'.repeat(32))).toEqual({ outcome: 'unusable', problem: 'sheet_replaced', rows: 0 });
    expect(await staged(etag.replaceAll('"', ''))).toEqual({ outcome: 'staged', problem: undefined, rows: 2 });
  });
});

describe('GIVEN a sheet in the inbox of nobody', () => {
  it('WHEN it arrives THEN there is no action, nor when somebody is given an account of that id', async () => {
    const object = { key: 'inbox/nobody/cmp-1/facilityCreation/a.csv', size: 3, etag: 'e' };
    expect(await startAction(stores, object, context)).toBe('unknown_account');
    const createdAt = new Date().toISOString();
    await stores.accounts.create({ accountId: 'nobody', name: 'Somebody', limits: {}, createdAt });
    expect(await stores.actions.find('nobody', derivedUuid('inbox', object.key, object.etag))).toBeUndefined();
    // What is dropped from now on is theirs.
    expect(await startAction(stores, object, context)).toBe('started');
  });
});

describe('GIVEN an action whose time was up before it had its reference', () => {
  it('WHEN its execution gives up THEN the action says that it was the deadline', async () => {
    const action = newAction({ status: 'validating' });
    await stores.actions.create(action);
    const error = { Error: 'DeadlineError', Cause: 'Another action ran.' };
    await failAction(stores, { ...inputOf(action), error, abandon: true });
    const { status, problem } = await stores.actions.get(action.accountId, action.actionId);
    expect({ status, problem }).toMatchObject({ status: 'failed', problem: { code: 'deadline_exceeded' } });
  });
});
