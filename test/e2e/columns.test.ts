import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PreviewView } from '../../lambdas/model/api/previews.ts';
import { runCli } from '../cli/run-cli.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { facilities, facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile, delimited, jsonFile, type Sheet, xlsxFile } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const client = new RollcallClient(stack);
const processName = 'facilityCreation';

/** The sheet under headers that nobody but its author knows, and with two columns that are not to be used. */
function foreign(rows: readonly ReturnType<typeof facility>[]): Sheet {
  const { rows: cells } = facilitySheet(rows);
  const headers = ['Bezeichnung', 'Art', 'Dauer', 'Platz', 'Gebiet', 'Nutzung', 'Notiz', 'capacity'];
  return { headers, rows: cells.map((row) => [...row, 'intern', 'viel']) };
}

const columns = {
  Bezeichnung: 'facilityName',
  Art: 'facilityType',
  Dauer: 'facilityStatus',
  Platz: 'capacity',
  Gebiet: 'boundaryCode',
  Nutzung: 'usage',
  Notiz: null,
};

describe('GIVEN a sheet whose headers are not those of the process', () => {
  it.each([
    { format: 'csv', write: csvFile },
    { format: 'xlsx', write: xlsxFile },
    { format: 'json', write: jsonFile },
  ])('WHEN it comes with `columns` ($format) THEN it is read by them, and so is its failed.csv', async ({ write }) => {
    const sheet = foreign([...facilities(3), facility('Small', { capacity: '0' })]);
    const submission = { referenceId: newReference(), processName, onInvalidRow: 'skip', columns } as const;
    const first = await expectConserved(client, await client.submit(submission, await write(sheet)), sheet);
    expect(first.action).toMatchObject({
      status: 'completed_with_failures',
      columns,
      counts: { created: 3, invalid: 1 },
      warnings: [expect.stringContaining('"capacity" is ignored')],
    });
    expect(first.rows[3]?.errors).toMatchObject([{ column: 'capacity', value: '0' }]);

    const { failedFile = Buffer.alloc(0) } = first.report;
    expect(String(failedFile)).toContain('Bezeichnung');
    const corrected = Buffer.from(String(failedFile).replace(',0,', ',10,'));
    const again = await client.submit(submission, { fileName: 'failed.csv', content: corrected });
    expect((await expectConserved(client, again)).action).toMatchObject({
      status: 'completed',
      counts: { created: 1 },
    });
  });

  it('WHEN `columns` names what is not there THEN all of it is said before, or when, the sheet is read', async () => {
    const body = { referenceId: newReference(), processName, fileName: 'a.csv', size: 10 };
    const misnamed = { ...columns, Platz: 'capasity', Art: 'facilityName' };
    const refused = await client.post('/api/bulk-actions', { ...body, columns: misnamed });
    expect(refused).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_request',
        errors: [
          { in: 'body', path: 'columns.Platz', received: '"capasity" (did you mean "capacity"?)' },
          { in: 'body', path: 'columns.Bezeichnung' },
          { in: 'body', path: 'columns.Art' },
        ],
      },
    });

    const { Art, Notiz, ...others } = columns;
    const file = csvFile(foreign(facilities(2)));
    const wrong = { ...others, Arten: Art, Notizen: Notiz };
    const actionId = await client.submit({ referenceId: newReference(), processName, columns: wrong }, file);
    const { action } = await expectConserved(client, actionId);
    expect(action).toMatchObject({
      status: 'failed',
      problem: { code: 'unknown_headers', items: ['Arten', 'Notizen'] },
      counts: { rows: 2, unprocessed: 2 },
    });
    expect(action.problem?.detail).toContain('"Arten" (did you mean "Art"?), "Notizen" (did you mean "Notiz"?)');
  });

  it('WHEN it is previewed THEN its proposals can be sent as they are, and nothing was made of it', async () => {
    const { rows } = facilitySheet([...facilities(2), facility('Small', { capacity: '0' })]);
    const headers = [
      'Name of Facility',
      'Type of the facility',
      'facility_status',
      'Capcity',
      'Boundary codes',
      'In usage',
    ];
    const file = csvFile({ headers, rows });
    const preview = await client.post<PreviewView>('/api/bulk-actions/preview', {
      processName,
      sample: file.content.toString('base64'),
    });
    expect(preview).toMatchObject({
      status: 200,
      body: {
        sheet: { format: 'csv', encoding: 'utf-8', delimiter: ',' },
        headers: [
          { column: 'facilityName', confidence: 'similar' },
          { column: 'facilityType', confidence: 'similar' },
          { column: 'facilityStatus', confidence: 'exact', score: 1 },
          { column: 'capacity', confidence: 'similar' },
          { column: 'boundaryCode', confidence: 'alias', score: 1 },
          { column: 'usage', confidence: 'similar' },
        ],
        missing: [],
        rows: { read: 3, valid: 2, invalid: 1, complete: true },
      },
    });
    const { columns } = preview.body;
    const submission = { referenceId: newReference(), processName, onInvalidRow: 'skip', columns } as const;
    const { action } = await expectConserved(client, await client.submit(submission, file));
    expect(action.counts).toMatchObject({ created: 2, known: 0, invalid: 1 });
  });
});

describe('GIVEN the command line', () => {
  it('WHEN a sheet is previewed and then run by what was saved THEN both agree', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'rollcall-columns-'));
    try {
      const env = { ROLLCALL_ENDPOINT: stack.endpoint, ROLLCALL_KEY: stack.key };
      const rollcall = (...args: string[]) => runCli(args, { cwd, env });
      const { headers: _, rows } = facilitySheet(facilities(3));
      const headers = ['Name of Facility', 'Facility type', 'facility_status', 'Capcity', 'Boundary', 'Gebrauch'];
      await writeFile(join(cwd, 'sheet.csv'), delimited({ headers, rows }, ';'));
      await writeFile(join(cwd, 'sheet.xlsx'), (await xlsxFile({ headers, rows })).content);
      const args = ['--process', processName, '--column', 'Gebrauch=usage'];

      const preview = await rollcall('preview', 'sheet.csv', ...args, '--save', 'columns.json');
      expect({ code: preview.code, stdout: preview.stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(
          /csv, utf-8, delimiter ";".*\n[\s\S]*Capcity +capacity +similar 0\.\d+\n[\s\S]*all 3 rows, 3 valid/,
        ),
      });
      expect(JSON.parse(await readFile(join(cwd, 'columns.json'), 'utf8'))).toMatchObject({ Gebrauch: 'usage' });
      const lacking = await rollcall('preview', 'sheet.xlsx', '--process', processName, '--json');
      expect(lacking.code).toBe(2);
      expect(JSON.parse(lacking.stdout)).toMatchObject({ sheet: { format: 'xlsx' }, missing: ['usage'] });

      const submission = ['--process', processName, '--reference', newReference(), '--columns', 'columns.json'];
      const run = await rollcall('run', 'sheet.csv', ...submission, '--json', '--out', cwd);
      expect(run.code).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({ status: 'completed', counts: { created: 3 } });
    } finally {
      await rm(cwd, { recursive: true });
    }
  });
});
