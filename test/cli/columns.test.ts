import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PreviewView } from '../../cli/api-types.ts';
import { actionId, RollcallServer } from './rollcall-server.ts';
import { runCli } from './run-cli.ts';

const preview: PreviewView = {
  processName: 'contactUpsert',
  sheet: { format: 'csv', encoding: 'utf-8', delimiter: ';' },
  headers: [
    { header: 'E-Mail', column: 'email', confidence: 'exact', score: 1 },
    { header: 'Fone', column: 'phone', confidence: 'similar', score: 0.8 },
    {
      header: 'Name',
      column: null,
      confidence: 'none',
      score: 0,
      alternatives: [
        { column: 'firstName', score: 0.78 },
        { column: 'lastName', score: 0.8 },
      ],
    },
  ],
  columns: { 'E-Mail': 'email', Fone: 'phone', Name: null },
  missing: [],
  rows: { read: 2, valid: 1, known: 0, invalid: 1, duplicate: 0, complete: true },
  items: [
    { rowNumber: 2, answer: 'valid', uniqueIdentifier: 'a@example.org' },
    {
      rowNumber: 3,
      answer: 'invalid',
      errors: [{ code: 'bad_phone', column: 'phone', value: '12', message: '"12" is no number.' }],
    },
  ],
  warnings: [],
};

let server: RollcallServer;
let cwd: string;
beforeEach(async () => {
  server = new RollcallServer();
  await server.start();
  cwd = await mkdtemp(join(tmpdir(), 'rollcall-cli-'));
  await writeFile(join(cwd, 'contacts.csv'), `E-Mail;Fone\n${'a@example.org;12\n'.repeat(30_000)}`);
  server.when('POST /api/bulk-actions/preview', () => ({ body: preview }));
});
afterEach(async () => {
  await server.stop();
  await rm(cwd, { recursive: true });
});

function rollcall(...args: string[]) {
  return runCli(args, { cwd, env: { ROLLCALL_ENDPOINT: server.url, ROLLCALL_KEY: server.key } });
}

function sent(route: string) {
  return server.received(route).map(({ body }) => JSON.parse(String(body)));
}

describe('GIVEN a sheet to look at', () => {
  const args = ['preview', 'contacts.csv', '--process', 'contactUpsert'];

  it('WHEN it is previewed THEN its beginning is sent, and headers, figures and errors are shown', async () => {
    const { code, stdout } = await rollcall(...args, '--save', 'columns.json');
    expect(code).toBe(1);
    expect(stdout).toContain('csv, utf-8, delimiter ";", read as contactUpsert\n');
    expect(stdout).toMatch(/Fone +phone +similar 0\.80\n/);
    expect(stdout).toMatch(/Name +none +firstName or lastName\n/);
    expect(stdout).toContain('all 2 rows, 1 valid, 1 invalid\n');
    expect(stdout).toMatch(/3 +phone +12 +"12" is no number\./);
    const [{ sample, size }] = sent('POST /api/bulk-actions/preview');
    expect(Buffer.from(sample, 'base64')).toHaveLength(256 * 1024);
    expect(size).toBe(12 + 17 * 30_000);
    expect(JSON.parse(await readFile(join(cwd, 'columns.json'), 'utf8'))).toEqual(preview.columns);
  });

  it('WHEN the sheet cannot be used THEN the exit code says so, and --json is the answer itself', async () => {
    const problem = { code: 'missing_columns', detail: 'The sheet lacks lastName.' };
    server.when('POST /api/bulk-actions/preview', () => ({ body: { ...preview, problem } }));
    const { code, stdout } = await rollcall(...args, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ ...preview, problem });
  });

  it('WHEN it is a large workbook THEN it is uploaded for the preview', async () => {
    await writeFile(
      join(cwd, 'large.xlsx'),
      Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(3 * 1024 ** 2)]),
    );
    const upload = { kind: 'post', url: `${server.url}/storage`, fields: {}, expiresAt: '2026-03-13T11:00:00.000Z' };
    const previewId = '5f3f1c3e-9d0a-4f8e-8f4b-0d9b7c1e2a3b';
    server
      .when('POST /storage', () => ({ status: 204 }))
      .when('POST /api/bulk-actions/preview', ({ body }) =>
        JSON.parse(String(body)).fileName ? { status: 201, body: { previewId, upload } } : { body: preview },
      );
    await rollcall('preview', 'large.xlsx', '--process', 'contactUpsert', '--sheet', 'May');
    expect(sent('POST /api/bulk-actions/preview')).toEqual([
      { processName: 'contactUpsert', fileName: 'large.xlsx', size: 3 * 1024 ** 2 + 4 },
      { processName: 'contactUpsert', sheetName: 'May', previewId },
    ]);
    expect(server.received('POST /storage')).toHaveLength(1);
  });
});

describe('GIVEN a sheet to submit', () => {
  const args = ['upload', 'contacts.csv', '--process', 'contactUpsert', '--reference', 'crm'];

  it('WHEN its columns are named THEN single ones win over the file, and what else is wished goes along', async () => {
    const upload = { kind: 'post', url: `${server.url}/storage`, fields: {}, expiresAt: '2026-03-13T11:00:00.000Z' };
    server
      .when('POST /storage', () => ({ status: 204 }))
      .when('POST /api/bulk-actions', () => ({ status: 201, body: { actionId, status: 'pending', upload } }));
    await writeFile(join(cwd, 'columns.json'), '{"E-Mail": "phone", "Name": "lastName"}');
    const columns = [
      '--columns',
      'columns.json',
      '--column',
      'E-Mail=email',
      '--column',
      'a=b=city',
      '--column',
      'Note=',
    ];
    const others = ['--dry-run', '--clear-empty', '--start-at', '2026-09-01T08:00:00+02:00'];
    expect((await rollcall(...args, ...columns, ...others)).code).toBe(0);
    expect(sent('POST /api/bulk-actions')).toMatchObject([
      {
        columns: { 'E-Mail': 'email', Name: 'lastName', 'a=b': 'city', Note: null },
        dryRun: true,
        clearEmpty: true,
        startAt: '2026-09-01T06:00:00.000Z',
      },
    ]);
  });

  it.each([
    ['no pair', ['--column', 'E-Mail'], /'E-Mail' is no HEADER=COLUMN/],
    ['a pair without a header', ['--column', '=email'], /'=email' is no HEADER=COLUMN/],
    ['a file that is not there', ['--columns', 'nowhere.json'], /nowhere.json: there is no such file/],
    ['a file that is no JSON', ['--columns', 'contacts.csv'], /contacts.csv is no JSON/],
    ['a file that is no mapping', ['--columns', 'list.json'], /list.json is no mapping of columns/],
    ['a time that is none', ['--start-at', 'tomorrow'], /--start-at 'tomorrow' is no time/],
  ])('WHEN there is %s THEN it says so and asks nothing of the service', async (_, wrong, message) => {
    await writeFile(join(cwd, 'list.json'), '{"E-Mail": 1}');
    const { code, stderr } = await rollcall(...args, ...wrong);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(server.requests).toEqual([]);
  });
});
