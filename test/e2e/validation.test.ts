import { describe, expect, it } from 'vitest';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { expectExactlyOnce } from '../support/entities.ts';
import { facilities, facility, facilityHeaders, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile, jsonFile, xlsxFile } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const client = new RollcallClient(stack);
const processName = 'facilityCreation';

const mixed = facilitySheet([
  facility('Good'),
  facility('', { facilityType: 'Castle', capacity: 'many' }),
  facility('Too small', { capacity: '0' }),
  facility('Good too'),
]);

describe('GIVEN a sheet with invalid rows', () => {
  it.each([
    { format: 'csv', file: () => csvFile(mixed) },
    { format: 'xlsx', file: () => xlsxFile(mixed) },
    { format: 'json', file: () => jsonFile(mixed) },
  ])('WHEN invalid rows reject it ($format) THEN nothing is created and every row says why', async ({ file }) => {
    const referenceId = newReference();
    const actionId = await client.submit({ referenceId, processName }, await file());
    const { action, rows } = await expectConserved(client, actionId, mixed);
    expect(action).toMatchObject({
      status: 'failed',
      counts: { rows: 4, created: 0, invalid: 2, unprocessed: 2 },
      problem: { code: 'invalid_rows' },
    });
    expect(rows[0]?.errors?.[0]?.code).toBe('sheet_rejected');
    // All errors of a row, not the first one only.
    expect(rows[1]?.errors?.map(({ column, code }) => [column, code])).toEqual([
      ['facilityName', 'required'],
      ['facilityType', 'not_one_of'],
      ['capacity', 'not_a_whole_number'],
    ]);
    expect(rows[2]?.errors).toMatchObject([{ column: 'capacity', value: '0' }]);
    expect(await expectExactlyOnce(stack, client, { entity: 'facility', referenceId })).toEqual([]);
  });

  it('WHEN invalid rows are skipped THEN the valid ones are created', async () => {
    const referenceId = newReference();
    const actionId = await client.submit({ referenceId, processName, onInvalidRow: 'skip' }, csvFile(mixed));
    const { action } = await expectConserved(client, actionId, mixed);
    expect(action).toMatchObject({ status: 'completed_with_failures', counts: { rows: 4, created: 2, invalid: 2 } });
    await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });
  });

  it('WHEN nothing of it is valid THEN it still ends with an answer for each row', async () => {
    const hopeless = facilitySheet([facility(''), facility('')]);
    const submission = { referenceId: newReference(), processName, onInvalidRow: 'skip' } as const;
    const { action } = await expectConserved(client, await client.submit(submission, csvFile(hopeless)), hopeless);
    expect(action).toMatchObject({ status: 'completed_with_failures', counts: { rows: 2, invalid: 2 } });
  });

  it('WHEN its failed rows are uploaded as they are THEN they are read as they were, and corrected they pass', async () => {
    const referenceId = newReference();
    const submission = { referenceId, processName, onInvalidRow: 'skip' } as const;
    const first = await expectConserved(client, await client.submit(submission, csvFile(mixed)), mixed);
    const failedFile = first.report.failedFile ?? Buffer.alloc(0);

    const again = await client.submit(submission, { fileName: 'failed.csv', content: failedFile });
    const second = await expectConserved(client, again);
    expect(second.action).toMatchObject({ counts: { rows: 2, invalid: 2 }, warnings: [] });
    expect(second.rows.map(({ errors }) => errors)).toEqual(
      first.rows.filter(({ answer }) => answer === 'invalid').map(({ errors }) => errors),
    );

    const corrected = String(failedFile)
      .replace(/^,Castle,(.*),many,/m, 'Named,Warehouse,$1,5,')
      .replace(',0,', ',10,');
    const third = await client.submit(submission, { fileName: 'failed.csv', content: Buffer.from(corrected) });
    expect((await expectConserved(client, third)).action).toMatchObject({
      status: 'completed',
      counts: { created: 2 },
    });
    await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });
  });
});

describe('GIVEN a sheet whose columns are not those of the process', () => {
  const without = (...missing: string[]) => {
    const kept = facilityHeaders.flatMap((header, index) => (missing.includes(header) ? [] : [index]));
    const sheet = facilitySheet(facilities(3));
    return {
      headers: kept.map((index) => facilityHeaders[index] ?? ''),
      rows: sheet.rows.map((row) => kept.map((index) => row[index] ?? '')),
    };
  };

  it.each([
    { format: 'csv', write: csvFile },
    { format: 'xlsx', write: xlsxFile },
  ])(
    'WHEN required ones are missing ($format) THEN all of them are named and nothing is created',
    async ({ write }) => {
      const sheet = without('capacity', 'usage');
      const actionId = await client.submit(
        { referenceId: newReference(), processName, onInvalidRow: 'skip' },
        await write(sheet),
      );
      const { action } = await expectConserved(client, actionId, sheet);
      expect(action).toMatchObject({
        status: 'failed',
        problem: { code: 'missing_columns', items: ['capacity', 'usage'] },
        counts: { rows: 3, unprocessed: 3 },
      });
    },
  );

  it('WHEN there is an unknown one THEN it is named in a warning and kept in the report', async () => {
    const { headers, rows } = facilitySheet(facilities(2));
    const sheet = { headers: ['Remark', ...headers], rows: rows.map((row) => ['fine', ...row]) };
    const actionId = await client.submit({ referenceId: newReference(), processName }, csvFile(sheet));
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({ status: 'completed', counts: { created: 2 } });
    expect(action.warnings).toEqual([expect.stringContaining('"Remark"')]);
  });

  it('WHEN two mean the same THEN the sheet is rejected and both are named', async () => {
    const { headers, rows } = facilitySheet(facilities(1));
    const sheet = { headers: [...headers, 'Facility Name'], rows: rows.map((row) => [...row, 'Other']) };
    const actionId = await client.submit({ referenceId: newReference(), processName }, csvFile(sheet));
    const { action } = await expectConserved(client, actionId, sheet);
    expect(action).toMatchObject({ status: 'failed', problem: { code: 'ambiguous_columns' } });
    expect(action.problem?.detail).toContain('facilityName, Facility Name');
  });
});

describe('GIVEN a sheet that has identifiers more than once', () => {
  it('WHEN it is submitted THEN the first counts and the others name it', async () => {
    const referenceId = newReference();
    const sheet = facilitySheet([
      facility('Caf\u00e9', { capacity: '1' }),
      facility('Other'),
      facility(' Cafe\u0301 ', { capacity: '2' }),
      facility('Caf\u00e9', { capacity: '3' }),
    ]);
    const { action, rows } = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(sheet)),
      sheet,
    );
    expect(action).toMatchObject({ status: 'completed', counts: { rows: 4, created: 2, duplicate: 2 } });
    expect(rows.map(({ answer }) => answer)).toEqual(['created', 'created', 'duplicate', 'duplicate']);
    for (const { errors } of rows.slice(2)) expect(errors?.[0]?.message).toContain('Row 2');
    const entities = await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });
    if (stack.resources) {
      expect(entities.find(({ uniqueIdentifier }) => uniqueIdentifier === 'Caf\u00e9')?.data).toMatchObject({
        capacity: 1,
      });
    }
  });
});
