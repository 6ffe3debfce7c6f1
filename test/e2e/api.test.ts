import ExcelJS from 'exceljs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  type bulkActionListSchema,
  type processListSchema,
  routes,
  type rowListSchema,
} from '../../lambdas/model/api.ts';
import { concurrently } from '../../lambdas/store/concurrently.ts';
import { giveKey, newAccount } from '../support/accounts.ts';
import { type Answer, type Created, RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { facilities, facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { fetchReport } from '../support/report.ts';
import { csvFile } from '../support/sheet-files.ts';
import { type StackResources, sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const client = new RollcallClient(stack);
const processName = 'facilityCreation';
const nobody = '00000000-0000-4000-8000-000000000000';

type List = z.infer<typeof bulkActionListSchema>;
type Rows = z.infer<typeof rowListSchema>;

/** RFC 9457, with what Rollcall adds. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer).toMatchObject({
    status,
    body: { type: `urn:rollcall:problem:${code}`, title: expect.any(String), status, code, detail: expect.any(String) },
  });
}

describe('GIVEN a service', () => {
  it.each([
    { where: 'a file name', own: { fileName: 'a\ud800.csv', size: 10 } },
    { where: 'a record', own: { records: [{ facilityName: 'a\udfff' }] } },
    { where: 'the key of a record', own: { records: [{ 'b\ud800': '1' }] } },
  ])('WHEN $where has half of a character in it THEN the request is refused and says so', async ({ own }) => {
    const answer = await client.post('/api/bulk-actions', { referenceId: newReference(), processName, ...own });
    expectProblem(answer, 400, 'invalid_request');
    expect(JSON.stringify(answer.body)).toContain('half of one');
  });

  it('WHEN it is asked for its health without a key THEN it answers', async () => {
    expect(await client.withKey(undefined).get('/api/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('WHEN it is asked to describe itself THEN each operation is there and every reference leads somewhere', async () => {
    const { body } = await client.withKey(undefined).get<{
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
    }>('/api/openapi.json');
    expect(body.openapi).toMatch(/^3\.1\./);
    for (const { method, path, operationId, answers } of routes) {
      const operation = body.paths[path]?.[method.toLowerCase()];
      expect(operation?.operationId).toBe(operationId);
      expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(Object.keys(answers)));
    }
    expect(
      Object.values(body.paths).flatMap((item) => Object.values(item).filter((entry) => entry.operationId)),
    ).toHaveLength(routes.length);
    const references = JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g);
    for (const [, path = ''] of references) {
      const target = path
        .split('/')
        .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], body);
      expect(target, path).toBeDefined();
    }
  });

  it.each(['/', '/api/castles', '/api/bulk-actions/1/castles'])(
    'WHEN there is no such operation (%s) THEN the answer is a problem, with a key and without',
    async (path) => {
      expectProblem(await client.get(path), 404, 'not_found');
      expectProblem(await client.withKey(undefined).post(path, {}), 404, 'not_found');
    },
  );

  it('WHEN a path does not have a method THEN the answer is a problem, and tells those that it has', async () => {
    const anyone = client.withKey(undefined);
    const answer = await anyone.request('DELETE', '/api/bulk-actions');
    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.get('allow')).toBe('POST, GET, OPTIONS');
    const head = await anyone.request('HEAD', `/api/bulk-actions/${nobody}`);
    expect([head.status, head.headers.get('allow')]).toEqual([405, 'GET, OPTIONS']);
  });
});

describe.skipIf(!stack.resources)('GIVEN the template of a process', () => {
  it.each(['xlsx', 'csv'] as const)(
    'WHEN it is filled in (%s) and uploaded THEN its row is accepted, or is of nothing there is',
    async (format) => {
      const { items } = await client.read<z.infer<typeof processListSchema>>('/api/processes');
      await concurrently(items, 4, async ({ name, action: kind, entity, columns, identifiedBy = [] }) => {
        // An account of its own: what one example creates would be known, or missed, by another.
        const caller = client.withKey(await giveKey(stack.resources as StackResources, newAccount()));
        const template = await caller.download(`/api/processes/${name}/template?format=${format}`);
        // What an upsert meets nothing of it creates, and then needs what an insert needs. Of an id there would have to
        // be an entity.
        const needed = new Set([
          ...identifiedBy.filter((column) => column !== 'entityId'),
          ...items.filter((other) => other.entity === entity).flatMap((other) => requiredOf(other)),
        ]);
        const example = columns.map((column) => (needed.has(column.name) ? column.example : ''));
        const content = format === 'xlsx' ? await filledWorkbook(template, example) : filledText(template, example);
        const submission = { referenceId: newReference(), processName: name };
        const actionId = await caller.submit(submission, { fileName: `filled.${format}`, content });
        const { action } = await expectConserved(caller, actionId);
        const needsEntity = kind === 'update' || kind === 'delete';
        expect({ name, ...action.counts }).toMatchObject({ name, rows: 1, [needsEntity ? 'invalid' : 'created']: 1 });
      });
    },
  );

  function requiredOf({ columns }: z.infer<typeof processListSchema>['items'][number]): string[] {
    return columns.filter(({ required }) => required).map(({ name }) => name);
  }

  /** The template's headers are in the order of the columns, each perhaps with a mark. */
  async function filledWorkbook(template: Buffer, example: string[]): Promise<Buffer> {
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load(template as unknown as ArrayBuffer);
    const worksheet = workbook.worksheets.find(({ state }) => state === 'visible');
    example.forEach((value, index) => {
      if (worksheet) worksheet.getCell(2, index + 1).value = value;
    });
    return Buffer.from(await workbook.xlsx.writeBuffer());
  }

  function filledText(template: Buffer, example: string[]): Buffer {
    const [header = ''] = String(template).split('\n');
    return Buffer.from(`${header.trimEnd()}\n${example.map((value) => `"${value}"`).join()}\n`);
  }
});

describe('GIVEN records in a request', () => {
  it('WHEN they are as only JSON can have them THEN each digit and each key is kept', async () => {
    const records = [
      '{"pvarId":12345678901234567890,"boundaryCode":"B-1","__proto__":"own"}',
      '{"pvarId":12345678901234567891,"boundaryCode":"B-1","target":1e400}',
    ];
    const submission = { referenceId: newReference(), processName: 'campaignCreation', onInvalidRow: 'skip' };
    const body = `${JSON.stringify(submission).slice(0, -1)},"records":[${records}]}`;
    const answer = await client.post<Created>('/api/bulk-actions', body);
    expect(answer).toMatchObject({ status: 202 });
    const { counts, warnings } = await client.ended(answer.body.actionId);
    expect(counts).toMatchObject({ rows: 2, created: 1, invalid: 1 });
    expect(warnings.join()).toContain('__proto__');
    const { items } = await client.read<Rows>(`/api/bulk-actions/${answer.body.actionId}/rows`);
    expect(items[0]).toMatchObject({ answer: 'created', uniqueIdentifier: '12345678901234567890' });
    expect(items[1]?.errors).toMatchObject([{ column: 'target', value: '1e400' }]);
    const { file, records: reported } = await fetchReport(client, answer.body.actionId);
    expect(String(file)).toContain('"pvarId":12345678901234567891,');
    expect(Object.hasOwn(reported?.[0] ?? {}, '__proto__')).toBe(true);
  });

  it('WHEN their bytes are no UTF-8 THEN the request is refused', async () => {
    const body = JSON.stringify({ referenceId: newReference(), processName, records: [{ facilityName: '\xff' }] });
    const answer = await client.post('/api/bulk-actions', Buffer.from(body, 'latin1'));
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body).toMatchObject({ errors: [{ in: 'body', expected: 'text in UTF-8' }] });
  });
});

describe('GIVEN requests that are not as they should be', () => {
  const body = { referenceId: 'cmp', processName, fileName: 'a.csv', size: 10 };

  it.each([
    { name: 'a reference that is none', change: { referenceId: '../other' }, member: 'referenceId' },
    { name: 'a size that is none', change: { size: 0 }, member: 'size' },
    { name: 'a misspelt member', change: { onInvalidRows: 'skip' }, member: 'onInvalidRows' },
    { name: 'a policy that there is not', change: { onInvalidRow: 'maybe' }, member: 'onInvalidRow' },
  ])('WHEN there is $name THEN the problem says where and what was expected', async ({ change, member }) => {
    const answer = await client.post<{ errors: { path: string; expected: string; received: string }[] }>(
      '/api/bulk-actions',
      { ...body, ...change },
    );
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors).toEqual(
      expect.arrayContaining([
        { in: 'body', path: member, expected: expect.any(String), received: expect.any(String) },
      ]),
    );
  });

  it('WHEN both or neither of sheet and records come THEN the request is refused', async () => {
    const { referenceId } = body;
    expectProblem(await client.post('/api/bulk-actions', { ...body, records: [{ a: 1 }] }), 400, 'invalid_request');
    expectProblem(await client.post('/api/bulk-actions', { referenceId, processName }), 400, 'invalid_request');
  });

  it('WHEN there is no such process THEN those there are are named', async () => {
    const answer = await client.post<{ detail: string }>('/api/bulk-actions', {
      ...body,
      processName: 'castleCreation',
    });
    expectProblem(answer, 404, 'not_found');
    expect(answer.body.detail).toContain('facilityCreation');
    expectProblem(await client.get('/api/processes/castleCreation/template'), 404, 'not_found');
  });

  it('WHEN the body is no JSON, or says that it is none, THEN the request is refused', async () => {
    expectProblem(await client.post('/api/bulk-actions', '{"referenceId":'), 400, 'invalid_request');
    const headers = { 'content-type': 'text/csv' };
    expectProblem(await client.post('/api/bulk-actions', 'a,b', headers), 415, 'unsupported_media_type');
  });

  it('WHEN more is announced or sent than is accepted THEN the limit is named', async () => {
    const huge = await client.post('/api/bulk-actions', { ...body, size: 2 ** 50 });
    expectProblem(huge, 413, 'payload_too_large');
    expect(huge.body).toMatchObject({ limitBytes: expect.any(Number) });
    const { referenceId } = body;
    const records = Array.from({ length: 10_001 }, () => ({ a: 1 }));
    const many = await client.post('/api/bulk-actions', { referenceId, processName, records });
    expectProblem(many, 413, 'payload_too_large');
    expect(many.body).toMatchObject({ limitRecords: expect.any(Number) });
  });

  it('WHEN an id names nothing, or is none, THEN the answer says which', async () => {
    expectProblem(await client.get(`/api/bulk-actions/${nobody}`), 404, 'not_found');
    expectProblem(await client.get('/api/bulk-actions/nothing'), 400, 'invalid_request');
    expectProblem(await client.get(`/api/references/${newReference()}`), 404, 'not_found');
    expectProblem(await client.get('/api/bulk-actions?limit=0'), 400, 'invalid_request');
    expectProblem(await client.get('/api/bulk-actions?state=done'), 400, 'invalid_request');
  });
});

describe('GIVEN an ended action', () => {
  const referenceId = newReference();
  const sheet = facilitySheet([...facilities(7), facility('Wrong', { capacity: 'x' }), facility('Facility 1')]);
  let actionId: string;

  beforeAll(async () => {
    actionId = await client.submit({ referenceId, processName, onInvalidRow: 'skip' }, csvFile(sheet));
    await expectConserved(client, actionId, sheet);
  });

  it('WHEN it is asked for again by its ETag THEN it is not sent again', async () => {
    const first = await client.get(`/api/bulk-actions/${actionId}`);
    const etag = first.headers.get('etag') ?? '';
    const second = await client.get(`/api/bulk-actions/${actionId}`, { 'if-none-match': etag });
    expect([second.status, second.body]).toEqual([304, '']);
    expect((await client.get(`/api/bulk-actions/${actionId}`, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('WHEN its rows are read page by page THEN each comes once, in order, and by status those of it', async () => {
    const numbers: number[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: '4', ...(cursor !== undefined && { cursor }) });
      const page = await client.read<Rows>(`/api/bulk-actions/${actionId}/rows?${query}`);
      expect(page.items.length).toBeLessThanOrEqual(4);
      numbers.push(...page.items.map(({ rowNumber }) => rowNumber));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(numbers).toEqual(sheet.rows.map((_, index) => index + 2));
    const invalid = await client.read<Rows>(`/api/bulk-actions/${actionId}/rows?status=invalid`);
    expect(invalid.items).toMatchObject([{ rowNumber: 9, answer: 'invalid' }]);
    expect((await client.read<Rows>(`/api/bulk-actions/${actionId}/rows?status=failed`)).items).toEqual([]);
  });

  it.each(['rows', ''])('WHEN a cursor is not one of ours (%s) THEN it is refused', async (list) => {
    const path = list === '' ? '/api/bulk-actions' : `/api/bulk-actions/${actionId}/${list}`;
    const forged = Buffer.from(JSON.stringify({ pk: 'KEY#admin', sk: 'META', gsi1pk: 'ACCOUNT#other', gsi1sk: 'x' }));
    for (const cursor of ['nonsense', forged.toString('base64url'), '-1.5']) {
      expectProblem(await client.get(`${path}?cursor=${cursor}`), 400, 'invalid_request');
    }
  });

  it('WHEN actions are listed THEN newest first, by reference and status, page by page', async () => {
    const again = await client.submit({ referenceId, processName, onInvalidRow: 'skip' }, csvFile(sheet));
    await client.ended(again);
    const path = `/api/bulk-actions?referenceId=${referenceId}`;
    const ids = (list: List) => list.items.map((item) => item.actionId);
    expect(ids(await client.read<List>(path))).toEqual([again, actionId]);
    const first = await client.read<List>(`${path}&limit=1`);
    expect(ids(first)).toEqual([again]);
    expect(ids(await client.read<List>(`${path}&limit=1&cursor=${first.cursor}`))).toEqual([actionId]);
    expect(ids(await client.read<List>(`${path}&status=completed_with_failures`))).toEqual([again, actionId]);
    expect(ids(await client.read<List>(`${path}&status=pending`))).toEqual([]);
    expect(ids(await client.read<List>('/api/bulk-actions?limit=1000'))).toEqual(
      expect.arrayContaining([again, actionId]),
    );
  });
});
