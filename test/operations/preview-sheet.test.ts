import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CreatePreview, createPreviewSchema, previewSchema } from '../../lambdas/model/api/previews.ts';
import { previewSheet } from '../../lambdas/operations/preview-sheet.ts';
import { offerPreview } from '../../lambdas/operations/preview-source.ts';
import { newAction } from '../support/actions.ts';
import { facilities, facility, facilityHeaders, facilitySheet } from '../support/facilities.ts';
import { csvFile, records, xlsxFile } from '../support/sheet-files.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

const caller = { accountId: 'acme', keyId: 'k1', role: 'operator' } as const;
const limits = { previewUploadBytes: 10_000_000, uploadExpirySeconds: 600 };
const processName = 'facilityCreation';
const sheet = facilitySheet([...facilities(3), facility('Small', { capacity: '0' }), facility('Facility 1')]);

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** The answer, which has the shape that is documented. */
async function preview(body: CreatePreview, accountId = 'acme') {
  const answer = await previewSheet(stores, { ...caller, accountId }, createPreviewSchema.parse(body));
  expect(previewSchema.parse(answer)).toEqual(answer);
  return answer;
}

function base64({ content }: { content: Buffer }): string {
  return content.toString('base64');
}

describe('a preview', () => {
  test('GIVEN a sheet WHEN looked at THEN each row says what it would come to, with its values as understood', async () => {
    const answer = await preview({ processName, sample: base64(csvFile(sheet)) });
    expect(answer).toMatchObject({
      sheet: { format: 'csv', encoding: 'utf-8', delimiter: ',' },
      columns: Object.fromEntries(facilityHeaders.map((header) => [header, header])),
      missing: [],
      rows: { read: 5, valid: 3, invalid: 1, duplicate: 1, known: 0, complete: true },
      warnings: [],
    });
    expect(answer.items).toMatchObject([
      {
        rowNumber: 2,
        answer: 'valid',
        data: { facilityName: 'Facility 1', capacity: 1200, boundaryCode: ['B-01', 'B-02'] },
      },
      { rowNumber: 3, answer: 'valid' },
      { rowNumber: 4, answer: 'valid' },
      { rowNumber: 5, answer: 'invalid', errors: [{ column: 'capacity', value: '0', code: 'out_of_range' }] },
      { rowNumber: 6, answer: 'duplicate', errors: [{ code: 'duplicate_in_sheet' }] },
    ]);
  });

  test('GIVEN headers in other spellings WHEN looked at THEN the proposals hold for the rows, and can be sent as they are', async () => {
    const headers = [
      'Name of the Facility',
      'Type of facility',
      'Facility Status',
      'Capcity',
      'Boundary',
      'In use',
      'Remark',
    ];
    const spelt = { headers, rows: sheet.rows.map((row) => [...row, 'x']) };
    const first = await preview({ processName, sample: base64(csvFile(spelt)) });
    expect(first).toMatchObject({
      missing: ['usage'],
      problem: { code: 'missing_columns', items: ['usage'] },
      items: [],
    });
    const columns = { ...first.columns, 'In use': 'usage' };
    const second = await preview({ processName, sample: base64(csvFile(spelt)), columns });
    expect(second).toMatchObject({ missing: [], rows: { valid: 3, invalid: 1 }, columns, warnings: [] });
    expect(second.problem).toBeUndefined();
  });

  test('GIVEN columns that the sheet or the process does not have WHEN looked at THEN the nearest is suggested', async () => {
    const sample = base64(csvFile(sheet));
    expect(await preview({ processName, sample, columns: { Capcity: 'capacity' } })).toMatchObject({
      problem: {
        code: 'unknown_headers',
        items: ['Capcity'],
        detail: expect.stringContaining('did you mean "capacity"?'),
      },
    });
    const wrong = preview({
      processName,
      sample,
      columns: { capacity: 'capasity', usage: 'facilityName', facilityName: 'facilityName' },
    });
    await expect(wrong).rejects.toMatchObject({
      code: 'invalid_request',
      members: {
        errors: [
          { path: 'columns.capacity', received: '"capasity" (did you mean "capacity"?)' },
          { path: 'columns.usage' },
          { path: 'columns.facilityName' },
        ],
      },
    });
  });

  test('GIVEN a workbook that is uploaded for it WHEN looked at THEN it answers, to its own account only', async () => {
    const file = await xlsxFile(sheet);
    const { previewId, upload } = await offerPreview(stores.bucket, caller, file.content.length, limits);
    await expect(preview({ processName, previewId })).rejects.toMatchObject({ code: 'not_found' });
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.set(name, value);
    form.set('file', new Blob([new Uint8Array(file.content)]));
    expect((await fetch(upload.url, { method: 'POST', body: form })).ok).toBe(true);
    expect(await preview({ processName, previewId })).toMatchObject({
      sheet: { format: 'xlsx', sheetName: 'Facilities', sheetNames: ['Facilities'] },
      rows: { read: 5, valid: 3, complete: true },
    });
    await expect(preview({ processName, previewId }, 'other')).rejects.toMatchObject({ code: 'not_found' });
    expect(await preview({ processName, previewId, sheetName: 'Nowhere' })).toMatchObject({
      headers: [],
      problem: { code: 'unknown_sheet' },
    });
  });

  test('GIVEN the beginning of a workbook WHEN looked at THEN the request is refused and says what to do', async () => {
    const { content } = await xlsxFile(sheet);
    const sample = content.subarray(0, 2_000).toString('base64');
    const refused = preview({ processName, sample, size: content.length });
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('upload'),
    });
  });

  test('GIVEN an action WHEN its sheet is looked at THEN its own process and columns are the default', async () => {
    const renamed = { headers: ['Bezeichnung', ...sheet.headers.slice(1)], rows: sheet.rows };
    const { content } = csvFile(renamed);
    const action = newAction({ columns: { Bezeichnung: 'facilityName' } });
    await stores.actions.create(action);
    const { actionId } = action;
    await expect(preview({ actionId })).rejects.toMatchObject({ code: 'illegal_transition' });
    await stores.bucket.put(action.source.key, content, 'text/csv');
    expect(await preview({ actionId })).toMatchObject({
      processName,
      headers: [{ header: 'Bezeichnung', column: 'facilityName', confidence: 'given' }, {}, {}, {}, {}, {}],
      rows: { valid: 3 },
    });
    await expect(preview({ actionId }, 'other')).rejects.toMatchObject({ code: 'not_found' });
    await expect(preview({ actionId: randomUUID() })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('GIVEN records WHEN looked at THEN the first hundred are read, and an answer of any size fits', async () => {
    const many = records(facilitySheet(facilities(120)));
    const codes = Array.from({ length: 500 }, (_, index) => `${index}`.padStart(60, 'x')).join();
    const large = many.map((record) => ({ ...record, boundaryCode: codes }));
    expect(await preview({ processName, records: many })).toMatchObject({
      sheet: { format: 'ndjson' },
      rows: { read: 100, valid: 100, complete: false },
    });
    const answer = await preview({ processName, records: large });
    expect(answer.rows).toMatchObject({ read: 100, valid: 100 });
    expect(JSON.stringify(answer).length).toBeLessThan(3 * 1024 ** 2);
  });

  test('GIVEN a process that there is not, or too large an upload WHEN asked for THEN the answer says so', async () => {
    await expect(preview({ processName: 'castleCreation', records: [{ a: 1 }] })).rejects.toMatchObject({
      code: 'not_found',
    });
    const offered = offerPreview(stores.bucket, caller, limits.previewUploadBytes + 1, limits);
    await expect(offered).rejects.toMatchObject({
      code: 'payload_too_large',
      members: { limitBytes: limits.previewUploadBytes },
    });
  });
});
