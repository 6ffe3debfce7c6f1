import type { BulkActionView } from '../../lambdas/model/api.ts';
import type { RollcallClient } from '../support/client.ts';
import { type Facility, facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';

/** What clients do, briefly and of every kind: not whether it goes well, which others test, but what it asks of the tables. */

type Records = Record<string, unknown>[];
interface Page {
  readonly items: readonly Record<string, string>[];
  readonly cursor?: string;
}

/** Runs records through a process and waits for their end, mapping included. */
async function run(client: RollcallClient, referenceId: string, processName: string, records: Records, own = {}) {
  const submission = { referenceId, processName, onInvalidRow: 'skip' as const, ...own };
  return client.ended(await client.submitRecords(submission, records));
}

/** Reads a list to its end, two items a page. */
async function readAll(client: RollcallClient, path: string): Promise<Record<string, string>[]> {
  const items: Record<string, string>[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '2', ...(cursor !== undefined && { cursor }) });
    const page = await client.read<Page>(`${path}${path.includes('?') ? '&' : '?'}${query}`);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}

async function undone(client: RollcallClient, actionId: string): Promise<BulkActionView> {
  await client.post(`/api/bulk-actions/${actionId}/undo`);
  return client.until(actionId, ({ undo }) => undo !== undefined && undo.status !== 'running');
}

/** Boundaries, and resources, facilities and users that stand at them, move, retire and come back. */
export async function campaign(client: RollcallClient): Promise<void> {
  const referenceId = newReference();
  const boundary = (code: string, parentCode: string) => ({ code, name: code, boundaryType: 'Area', parentCode });
  const tree = [boundary('C', ''), boundary('C-1', 'C'), boundary('C-2', 'C'), boundary('C-3', 'C')];
  await run(client, referenceId, 'boundaryCreation', [...tree, boundary('C-1-1', 'C-1'), boundary('X-1', 'nowhere')]);
  await run(client, newReference(), 'boundaryCreation', [boundary('C-2', 'C-1'), boundary('C-2-1', 'C-2')]);
  for (const path of ['', '/C', '/C/children', '/C/descendants', '/C-1-1/ancestors']) {
    if (/^$|children|descendants/.test(path)) await readAll(client, `/api/boundaries${path}`);
    else await client.get(`/api/boundaries${path}`);
  }
  const at = (name: string, boundaryCode: string, own: Partial<Facility> = {}) =>
    facility(name, { boundaryCode, ...own }) as Facility & Record<string, unknown>;
  await Promise.all([
    run(client, referenceId, 'campaignCreation', [{ pvarId: 'P-1', boundaryCode: 'C-1,C-2' }]),
    run(client, referenceId, 'facilityCreation', [
      at('Stays', 'C-1'),
      at('Moves', 'C-1,C-2'),
      at('Retires', 'C-2'),
      at('Stays', 'C-3'),
      at('Bad', 'C-3', { capacity: 'many' }),
    ]),
  ]);
  await run(client, referenceId, 'facilityCreation', [at('Moves', 'C-3'), at('Retires', 'C-2', { usage: 'Inactive' })]);
  const last = await run(client, referenceId, 'facilityCreation', [at('Retires', 'C-2'), at('New', 'C-2')]);
  for (const filter of ['', '?status=detached', '?boundaryCode=C-2']) {
    await readAll(client, `/api/references/${referenceId}/mappings${filter}`);
  }
  await client.get(`/api/references/${referenceId}`);
  await client.post(`/api/references/${referenceId}/mapping`);
  await readAll(client, `/api/bulk-actions?referenceId=${referenceId}`);
  for (const part of ['rows', 'logs']) await readAll(client, `/api/bulk-actions/${last.actionId}/${part}`);
  for (const part of ['stats', 'events', 'report']) await client.get(`/api/bulk-actions/${last.actionId}/${part}`);
  await undone(client, last.actionId);
}

/** Contacts and their companies: made, changed, deleted, in each other's way, and all of it taken back. */
export async function contacts(client: RollcallClient): Promise<void> {
  const mark = crypto.randomUUID();
  const mail = (name: string) => `${name}-${mark}@example.org`;
  const go = (processName: string, records: Records, own = {}) =>
    run(client, newReference(), processName, records, own);
  await go('companyInsert', [{ domain: `${mark}.example.org`, name: 'Company' }]);
  await go('contactInsert', [
    { email: mail('a'), phone: '+258841111111', lastName: 'A', companyId: `${mark}.example.org` },
    { email: mail('b'), lastName: 'B' },
    { email: mail('a'), lastName: 'Twin' },
  ]);
  await go('contactInsert', [{ email: mail('b'), lastName: 'Known' }]);
  const upserted = await go('contactUpsert', [
    { email: mail('a'), lastName: 'A2', jobTitle: 'Nurse' },
    { email: mail('c'), phone: '+258842222222', lastName: 'C' },
    { email: mail('b'), phone: '+258841111111', lastName: 'Taken' },
  ]);
  await go('contactUpsert', [{ email: mail('d'), lastName: 'Trial' }], { dryRun: true });
  const [found] = (await client.read<Page>(`/api/entities/contact?email=${mail('a')}`)).items;
  const entityId = String(found?.entityId);
  await client.get(`/api/entities/contact/${entityId}`);
  // Its address goes to another contact, and comes back.
  await go('contactUpdate', [{ id: entityId, email: mail('e'), jobTitle: '' }], { clearEmpty: true });
  await go('contactUpsert', [{ email: mail('a'), lastName: 'Heir' }]);
  const submission = { referenceId: newReference(), processName: 'contactUpdate' };
  const change = { entityIds: [entityId], fieldsToUpdate: { city: 'Beira' } };
  await client.ended(await client.submitEntities(submission, change));
  const deleted = await go('contactDelete', [{ email: mail('c') }, { email: mail('nobody') }]);
  await undone(client, deleted.actionId);
  await undone(client, upserted.actionId);
  await readAll(client, `/api/bulk-actions/${upserted.actionId}/undo`);
  await readAll(client, '/api/entities/contact');
}

/** Actions that wait, are cancelled, asked for twice or in each other's way. */
export async function turns(client: RollcallClient): Promise<void> {
  const referenceId = newReference();
  const processName = 'facilityCreation';
  const sheet = { fileName: 'sheet.csv', content: Buffer.from('facilityName\n') };
  const headers = { 'idempotency-key': referenceId };
  const { actionId } = await client.create({ referenceId, processName }, sheet, headers);
  await client.create({ referenceId, processName }, sheet, headers);
  await client.post('/api/bulk-actions', { referenceId, processName, records: [facility('In the way')] });
  for (let time = 0; time < 2; time++) await client.post(`/api/bulk-actions/${actionId}/cancel`);
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const later = await client.create({ referenceId, processName, startAt }, sheet);
  await readAll(client, '/api/bulk-actions?waitingFor=start');
  await client.post(`/api/bulk-actions/${later.actionId}/cancel`);
  const soon = new Date(Date.now() + 2_000).toISOString();
  await run(client, referenceId, processName, [facility('Soon')], { startAt: soon });
  await readAll(client, '/api/bulk-actions?status=cancelled');
  await client.get('/api/stats');
}

/** An account with hardly any room, its keys, and who may not. */
export async function accounts(client: RollcallClient): Promise<void> {
  const accountId = `t-${crypto.randomUUID()}`;
  const limits = { requestsPerMinute: 100, recordsPerMinute: 60, burstRecords: 3 };
  for (let time = 0; time < 2; time++) await client.post('/api/accounts', { accountId, name: 'Tenant', ...limits });
  const { body } = await client.post<{ key: string }>('/api/keys', { accountId, role: 'admin', name: 'first' });
  const admin = client.withKey(body.key);
  await run(
    admin,
    newReference(),
    'facilityCreation',
    [1, 2, 3].map((n) => facility(`F${n}`)),
  );
  // A sheet, unlike records, waits for its turn; this one comes in parts.
  const sheet = csvFile(facilitySheet([4, 5].map((n) => facility(`F${n}`))));
  const actionId = await admin.submit({ referenceId: newReference(), processName: 'facilityCreation' }, sheet);
  await admin.ended(actionId);
  await admin.post('/api/bulk-actions/preview', { actionId });
  await client.request('PUT', `/api/accounts/${accountId}`, { body: { name: 'Grown', burstRecords: 5 } });
  await admin.get(`/api/accounts/${accountId}`);
  const { keyId } = (await admin.post<{ keyId: string }>('/api/keys', { role: 'viewer', name: 'second' })).body;
  for (let time = 0; time < 2; time++) await admin.request('DELETE', `/api/keys/${keyId}`);
  await readAll(admin, '/api/keys');
  await readAll(client, '/api/accounts');
  await Promise.all(Array.from({ length: 120 }, () => admin.get('/api/health')));
  await Promise.all(Array.from({ length: 120 }, () => admin.get('/api/bulk-actions')));
}

/** Webhooks that hear, fail, are gone, and are tried again. */
export async function webhooks(client: RollcallClient, url: string): Promise<void> {
  const register = async (path: string) =>
    (await client.post<{ webhookId: string }>('/api/webhooks', { url: url + path })).body.webhookId;
  const [well, gone] = await Promise.all([register('/well'), register('/gone')]);
  const settled = async (webhookId: string) => {
    for (;;) {
      const items = await readAll(client, `/api/webhooks/${webhookId}/deliveries`);
      if (items.every(({ status }) => status !== 'pending')) return items;
    }
  };
  for (const webhookId of [well, well, gone]) await client.post(`/api/webhooks/${webhookId}/test`);
  await settled(well);
  const [delivery] = await settled(gone);
  await client.post(`/api/webhooks/${gone}/enable`);
  await client.post(`/api/webhooks/${gone}/deliveries/${delivery?.deliveryId}/redeliver`);
  await settled(gone);
  await client.get('/api/webhooks');
  for (const webhookId of [well, gone, gone]) await client.request('DELETE', `/api/webhooks/${webhookId}`);
}

/** Users of a service outside, which is busy at first and refuses one of them for good; who failed is tried again. */
export async function outside(client: RollcallClient): Promise<void> {
  const user = (name: string, digit: number) => ({
    name,
    mobileNumber: `084123456${digit}`,
    role: 'REGISTRAR',
    employmentType: 'Permanent',
    boundaryCode: 'B1',
    usage: 'Active',
  });
  const referenceId = newReference();
  const records = [user('Good', 1), user('Bad', 2)];
  const { actionId } = await run(client, referenceId, 'userCreation', records);
  await client.post(`/api/bulk-actions/${actionId}/retry`);
  await client.until(actionId, ({ status }) => status.startsWith('completed'));
  await run(client, referenceId, 'userCreation', [user('Good', 1), user('Third', 3)]);
}
