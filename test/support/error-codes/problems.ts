import { randomUUID } from 'node:crypto';
import type { ProblemCode } from '../../../lambdas/model/problem.ts';
import type { Answer, Created, RollcallClient } from '../client.ts';
import { facilities, facilitySheet } from '../facilities.ts';
import { newReference } from '../references.ts';
import { csvFile } from '../sheet-files.ts';

/** Who asks. */
export interface Callers {
  /** An admin of the first account, who makes others. */
  readonly platform: RollcallClient;
  /** An admin of an account of no other test. */
  readonly admin: RollcallClient;
}

/** Makes an account with these limits, and a key of it. */
export async function onboard(
  platform: RollcallClient,
  { role = 'admin', ...limits }: { role?: string; requestsPerMinute?: number } = {},
): Promise<RollcallClient> {
  const accountId = `t-${randomUUID()}`;
  await platform.post('/api/accounts', { accountId, name: 'Tenant', ...limits });
  const { body } = await platform.post<{ key: string }>('/api/keys', { accountId, role, name: 'test' });
  return platform.withKey(body.key);
}

const processName = 'facilityCreation';
const upload = () => ({ referenceId: newReference(), processName, fileName: 'a.csv', size: 10 });

/** By code: a request, or some, the last of which is answered by it; or why no request can provoke it. */
export const provocations: Readonly<Record<ProblemCode, ((callers: Callers) => Promise<Answer>) | string>> = {
  invalid_request: ({ admin }) => admin.get('/api/bulk-actions?limit=0'),
  unauthorized: ({ admin }) => admin.withKey(`rk_${'0'.repeat(32)}_${'0'.repeat(48)}`).get('/api/bulk-actions'),
  forbidden: async ({ platform }) => (await onboard(platform, { role: 'viewer' })).post('/api/bulk-actions', upload()),
  not_found: ({ admin }) => admin.get(`/api/bulk-actions/${randomUUID()}`),
  method_not_allowed: ({ admin }) => admin.request('DELETE', '/api/health'),
  action_running: async ({ admin }) => {
    const body = upload();
    await admin.post('/api/bulk-actions', body);
    return admin.post('/api/bulk-actions', body);
  },
  already_exists: async ({ platform }) => {
    const account = { accountId: `t-${randomUUID()}`, name: 'Tenant' };
    await platform.post('/api/accounts', account);
    return platform.post('/api/accounts', account);
  },
  idempotency_conflict: async ({ admin }) => {
    const headers = { 'idempotency-key': randomUUID() };
    await admin.post('/api/bulk-actions', upload(), headers);
    return admin.post('/api/bulk-actions', upload(), headers);
  },
  illegal_transition: async ({ admin }) => {
    const { body } = await admin.post<Created>('/api/bulk-actions', upload());
    return admin.get(`/api/bulk-actions/${body.actionId}/report`);
  },
  nothing_selected: async ({ admin }) => {
    // Its parent is invalid, so the second row is valid and fails.
    const rows = [
      { code: 'P', name: '', boundaryType: 'District', parentCode: '' },
      { code: 'C', name: 'Child', boundaryType: 'Village', parentCode: 'P' },
    ];
    const submission = { referenceId: newReference(), processName: 'boundaryCreation', onInvalidRow: 'skip' } as const;
    const { actionId } = await admin.ended(await admin.submitRecords(submission, rows));
    return admin.post(`/api/bulk-actions/${actionId}/retry`, { codes: ['no_such_code'] });
  },
  not_undoable: async ({ admin }) => {
    const rows = csvFile(facilitySheet(facilities(1)));
    const actionId = await admin.submit({ referenceId: newReference(), processName, dryRun: true }, rows);
    await admin.ended(actionId);
    return admin.post(`/api/bulk-actions/${actionId}/undo`);
  },
  upload_incomplete: async ({ admin }) => {
    const { body } = await admin.post<Created>('/api/bulk-actions', { ...upload(), size: 20 * 1024 ** 2 });
    const parts = [{ partNumber: 1, etag: '"none"' }];
    return admin.post(`/api/bulk-actions/${body.actionId}/upload/complete`, { parts });
  },
  too_many_webhooks: async ({ platform }) => {
    const admin = await onboard(platform);
    const add = () => admin.post('/api/webhooks', { url: 'https://nobody.invalid/hook' });
    let answer = await add();
    for (let tried = 1; tried < 101 && answer.status === 201; tried++) answer = await add();
    return answer;
  },
  payload_too_large: ({ admin }) => admin.post('/api/bulk-actions', { ...upload(), size: 2 ** 50 }),
  unsupported_media_type: ({ admin }) => admin.post('/api/bulk-actions', 'a,b', { 'content-type': 'text/csv' }),
  too_many_requests: async ({ platform }) => {
    const hasty = await onboard(platform, { requestsPerMinute: 1 });
    let answer = await hasty.get('/api/processes');
    for (let asked = 1; asked < 50 && answer.status === 200; asked++) answer = await hasty.get('/api/processes');
    return answer;
  },
  no_longer_kept: 'What an action worked with has to be over its days first.',
  internal_error: 'No request may; what is thrown unforeseen is answered so in test/runtime/http-handler.test.ts.',
};
