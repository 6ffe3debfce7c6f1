import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noCounts } from '../../lambdas/model/action.ts';
import { actionId, actionView, problem, type Reply, RollcallServer } from './rollcall-server.ts';
import { type CliOptions, runCli } from './run-cli.ts';

const sheet = 'facilityName\nA\nB\n';
const action = `/api/bulk-actions/${actionId}`;
const partBytes = 5 * 1024 ** 2;

let server: RollcallServer;
let cwd: string;
let storedParts: Map<string, Buffer>;

beforeEach(async () => {
  server = new RollcallServer();
  await server.start();
  cwd = await mkdtemp(join(tmpdir(), 'rollcall-cli-'));
  await writeFile(join(cwd, 'facilities.csv'), sheet);
  storedParts = new Map();
  serveHappily();
});
afterEach(async () => {
  await server.stop();
  await rm(cwd, { recursive: true });
});

/** A service where everything goes well; tests replace single routes. */
function serveHappily(): void {
  const upload = { kind: 'post', url: `${server.url}/storage?signature=s3cret`, fields: { key: 'uploads/1' } };
  server
    .when('POST /api/bulk-actions', () => ({
      status: 201,
      body: { actionId, status: 'pending', upload: { ...upload, expiresAt: '2026-03-13T11:00:00.000Z' } },
    }))
    .when('POST /storage', () => ({ status: 204 }))
    .when(`GET ${action}`, () => ({ body: actionView() }))
    .when(`GET ${action}/report`, () => ({ body: reportLinks() }))
    .when('GET /reports/report.csv', () => ({ body: 'facilityName,#status#\nA,created\nB,created\n' }))
    .when('GET /reports/failed.csv', () => ({ body: 'facilityName\nB\n' }))
    .when('GET /reports/summary.json', () => ({ body: '{"rows":2}' }));
}

function reportLinks(): object {
  const base = `${server.url}/reports`;
  return {
    report: `${base}/report.csv?signature=s3cret`,
    summary: `${base}/summary.json?signature=s3cret`,
    expiresAt: '2026-03-13T11:00:00.000Z',
  };
}

function serveInParts(count: number): void {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const parts = numbers.map((partNumber) => ({ partNumber, url: `${server.url}/parts/${partNumber}` }));
  const completeUrl = `${action}/upload/complete`;
  const upload = { kind: 'parts', partBytes, parts, completeUrl, expiresAt: '2026-03-13T11:00:00.000Z' };
  server
    .when('POST /api/bulk-actions', () => ({ status: 201, body: { actionId, status: 'pending', upload } }))
    .when(`POST ${completeUrl}`, () => ({ status: 202, body: { actionId, status: 'pending' } }));
  for (const { partNumber } of parts) {
    server.when(`PUT /parts/${partNumber}`, ({ path, body }) => {
      storedParts.set(path, body);
      return { headers: { etag: `"etag-${partNumber}"` } };
    });
  }
}

/** Answers with each in turn, and with the last for ever. */
function inTurn(...replies: (Reply | 'destroy')[]): () => Reply | 'destroy' {
  let next = 0;
  return () => replies[Math.min(next++, replies.length - 1)] ?? {};
}

function rollcall(args: readonly string[], options: Partial<CliOptions> = {}) {
  const env = { ROLLCALL_ENDPOINT: server.url, ROLLCALL_KEY: server.key };
  return runCli(args, { cwd, env, ...options });
}

const run = ['run', 'facilities.csv', '--process', 'facilityCreation', '--reference', 'cmp-123'];

describe('GIVEN a sheet to run', () => {
  it('WHEN all goes well THEN it is submitted, followed and its report downloaded', async () => {
    server.when(
      `GET ${action}`,
      inTurn(
        { body: actionView({ status: 'pending' }) },
        { body: actionView({ status: 'processing' }) },
        { body: actionView() },
      ),
    );
    const { code, stdout } = await rollcall([...run, '--on-invalid', 'skip', '--sheet', 'May', '--out', 'out']);

    expect(code).toBe(0);
    const [create] = server.received('POST /api/bulk-actions');
    expect(create?.headers['x-api-key']).toBe(server.key);
    expect(create?.headers['idempotency-key']).toBeTruthy();
    expect(JSON.parse(String(create?.body))).toEqual({
      processName: 'facilityCreation',
      referenceId: 'cmp-123',
      onInvalidRow: 'skip',
      sheetName: 'May',
      fileName: 'facilities.csv',
      size: sheet.length,
    });
    const form = String(server.received('POST /storage')[0]?.body);
    expect(form.indexOf('name="key"')).toBeLessThan(form.indexOf('name="file"'));
    expect(form).toContain(sheet);
    expect(await readdir(join(cwd, 'out'))).toEqual(['facilities.report.csv', 'facilities.summary.json']);
    expect(stdout).toMatch(/created +2\n/);
    expect(stdout).toContain(join(cwd, 'out', 'facilities.report.csv'));
  });

  it('WHEN the storage is asked THEN it never sees the API key', async () => {
    await rollcall(run);
    const toStorage = server.requests.filter(({ path }) => !path.startsWith('/api/'));
    expect(toStorage.length).toBeGreaterThan(2);
    for (const { headers } of toStorage) expect(headers).not.toHaveProperty('x-api-key');
  });

  it('WHEN --json is given THEN the last line of standard output is one object', async () => {
    const { code, stdout } = await rollcall([...run, '--json', '--out', 'out']);
    expect(code).toBe(0);
    expect(stdout.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({
      actionId,
      status: 'completed',
      counts: { ...noCounts, rows: 2, created: 2 },
      mapping: null,
      report: [join(cwd, 'out', 'facilities.report.csv'), join(cwd, 'out', 'facilities.summary.json')],
    });
  });

  it.each([
    ['failed', 1],
    ['completed', 1],
  ] as const)(
    'WHEN the action is %s and has no report THEN the last line says all the same what it came to',
    async (status, exit) => {
      const missing = problem('not_found', 404, 'The action has ended without a report. Retry it.');
      const broken = { code: 'internal_error', detail: 'Broken.' };
      const view = actionView({ status, ...(status === 'failed' && { problem: broken }) });
      server
        .when(`GET ${action}`, () => ({ body: view }))
        .when(`GET ${action}/report`, () => ({ status: 404, body: missing }));
      const { code, stdout, stderr } = await rollcall([...run, '--json']);
      const line = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      expect(line).toMatchObject({ actionId, status, counts: { rows: 2, created: 2 }, mapping: null, report: [] });
      expect(stderr).toContain('ended without a report');
      expect(code).toBe(exit);
      const summary = await rollcall(run);
      expect(summary).toMatchObject({ code: exit, stdout: expect.stringMatching(/created +2/) });
    },
  );

  it('WHEN no place is named THEN the report goes below rollcall-report, by action', async () => {
    await rollcall(run);
    expect(await readdir(join(cwd, 'rollcall-report', actionId))).toContain('facilities.report.csv');
  });

  it('WHEN rows fail THEN it exits with 1 and shows row, column, value and message of the first ones', async () => {
    const counts = { ...noCounts, rows: 9, created: 1, invalid: 7, failed: 1 };
    server
      .when(`GET ${action}`, () => ({ body: actionView({ status: 'completed_with_failures', counts }) }))
      .when(`GET ${action}/rows`, ({ query }) => ({ body: { items: wrongRows(query.get('status')) } }))
      .when(`GET ${action}/report`, () => ({ body: { ...reportLinks(), failed: `${server.url}/reports/failed.csv` } }));
    const { code, stdout } = await rollcall([...run, '--out', 'out']);

    expect(code).toBe(1);
    expect(stdout).toMatch(/ 3 +capacity +-5 +expected a whole number from 1/);
    // A value cannot move the cursor, and the failed row stands among the invalid ones by its number.
    expect(stdout).toMatch(/ 4 {2,}the registry refused it/);
    expect(stdout).not.toContain('\x1b');
    expect(stdout).toContain('… and 3 more rows');
    expect(await readFile(join(cwd, 'out', 'facilities.failed.csv'), 'utf8')).toBe('facilityName\nB\n');
  });

  it('WHEN the action fails as a whole THEN it exits with 1 and shows the problem with all its findings', async () => {
    const failure = { code: 'execution_stopped', detail: 'The run was stopped.', items: ['by an operator'] };
    const counts = { ...noCounts, rows: 2, unprocessed: 2 };
    server.when(`GET ${action}`, () => ({ body: actionView({ status: 'failed', counts, problem: failure }) }));
    const { code, stdout } = await rollcall(run);
    expect(code).toBe(1);
    expect(stdout).toContain('The run was stopped.\n  - by an operator\n');
  });

  it.each(['missing_columns', 'unsupported_format', 'no_rows'])(
    'WHEN the sheet turns out to be none of the process (%s) THEN it exits with 2 and --json says what became of it',
    async (problemCode) => {
      const failure = { code: problemCode, detail: 'Columns are missing: usage.', items: ['usage'] };
      server.when(`GET ${action}`, () => ({
        body: actionView({ status: 'failed', counts: noCounts, problem: failure }),
      }));
      const { code, stdout } = await rollcall([...run, '--json']);
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', counts: noCounts });
      expect((await rollcall(['show', actionId])).stdout.match(/usage/g)).toHaveLength(1);
    },
  );

  it('WHEN another action of the reference runs THEN it exits with 2 and says how to wait for that one', async () => {
    const running = problem('action_running', 409, 'Another action is running.', { actionId });
    server.when('POST /api/bulk-actions', () => ({ status: 409, body: running }));
    const { code, stderr } = await rollcall(run);
    expect(code).toBe(2);
    expect(stderr).toContain(`Another action is running. (HTTP 409)\nWait for it: rollcall watch ${actionId}.`);
    expect(stderr).toContain(`rollcall cancel ${actionId}`);
  });

  it('WHEN the process is unknown THEN it exits with 2 and uploads nothing', async () => {
    const unknown = problem('not_found', 404, 'There is no process facilityCreation.');
    server.when('POST /api/bulk-actions', () => ({ status: 404, body: unknown }));
    const { code, stderr } = await rollcall(run);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no process facilityCreation.');
    expect(server.received('POST /storage')).toEqual([]);
  });

  it('WHEN several things are wrong with the request THEN all of them are named', async () => {
    const errors = [
      { in: 'body', path: 'referenceId', expected: 'letters', received: '"?"' },
      { in: 'body', path: 'processName', expected: 'at most 64 characters', received: '"x"' },
    ];
    const invalid = problem('invalid_request', 400, 'body.referenceId: expected letters.', { errors });
    server.when('POST /api/bulk-actions', () => ({ status: 400, body: invalid }));
    const { code, stderr } = await rollcall(run);
    expect(code).toBe(2);
    expect(stderr).toContain('body.referenceId: expected letters, received "?"');
    expect(stderr).toContain('body.processName: expected at most 64 characters, received "x"');
  });

  it('WHEN the key is refused THEN it exits with 2 and never prints the key', async () => {
    server.when('POST /api/bulk-actions', () => ({ status: 401, body: { message: 'Unauthorized' } }));
    const { code, stdout, stderr } = await rollcall(run);
    expect(code).toBe(2);
    expect(stderr).toContain('the API key is missing or not valid (HTTP 401)');
    expect(stdout + stderr).not.toContain(server.key);
  });

  it('WHEN the endpoint is not a Rollcall service THEN it says so', async () => {
    server.when('POST /api/bulk-actions', () => ({ body: '<html>hello</html>' }));
    const { code, stderr } = await rollcall(run);
    expect(code).toBe(2);
    expect(stderr).toContain('Is this the address of a Rollcall service?');
  });

  it('WHEN the service has a fault that passes THEN the same request is made again under the same idempotency key', async () => {
    const create = server;
    let calls = 0;
    const upload = { kind: 'post', url: `${server.url}/storage`, fields: {}, expiresAt: '2026-03-13T11:00:00.000Z' };
    create.when('POST /api/bulk-actions', () => {
      calls++;
      if (calls === 1) return 'destroy';
      if (calls === 2) return { status: 503, headers: { 'retry-after': '0' } };
      return { status: 201, body: { actionId, status: 'pending', upload } };
    });
    const { code } = await rollcall(run);
    expect(code).toBe(0);
    const keys = server.received('POST /api/bulk-actions').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  it('WHEN the service keeps failing THEN it exits with 1', async () => {
    server.when('POST /api/bulk-actions', () => ({ status: 500, body: problem('internal_error', 500, 'Our fault.') }));
    const { code, stderr } = await rollcall(run);
    expect(code).toBe(1);
    expect(stderr).toContain('Our fault. (HTTP 500)');
  });

  it('WHEN the storage refuses the upload THEN it says why and does not print the presigned address', async () => {
    server.when('POST /storage', () => ({ status: 400, body: '<Error><Code>EntityTooLarge</Code></Error>' }));
    const { code, stdout, stderr } = await rollcall(run);
    expect(code).toBe(2);
    expect(stderr).toContain('the sheet is larger than was announced');
    expect(stdout + stderr).not.toContain('s3cret');
  });

  it('WHEN a download breaks off midway THEN it is made again and no half file stays', async () => {
    const whole = 'facilityName,#status#\nA,created\n';
    server.when(
      'GET /reports/report.csv',
      inTurn({ headers: { 'content-length': '9999', connection: 'close' }, body: whole }, { body: whole }),
    );
    const { code } = await rollcall([...run, '--out', 'out']);
    expect(code).toBe(0);
    expect(await readdir(join(cwd, 'out'))).toEqual(['facilities.report.csv', 'facilities.summary.json']);
    expect(await readFile(join(cwd, 'out', 'facilities.report.csv'), 'utf8')).toBe(whole);
  });

  it('WHEN the service refuses to tell any more while it is watched THEN it says how to look again', async () => {
    server.when(`GET ${action}`, () => ({ status: 403, body: problem('forbidden', 403, 'The key was revoked.') }));
    const { code, stderr } = await rollcall(run);
    expect(code).toBe(2);
    expect(stderr).toContain('The key was revoked. (HTTP 403)');
    expect(stderr).toContain(`rollcall watch ${actionId}`);
  });

  it('WHEN it is interrupted while watching THEN it exits with 130 and says how to go on', async () => {
    server.when(`GET ${action}`, () => ({ body: actionView({ status: 'processing' }) }));
    const { code, stderr } = await rollcall(run, { interruptAt: 'processing' });
    expect(code).toBe(130);
    expect(stderr).toContain(
      `Watch it again with \`rollcall watch ${actionId}\`, or end it with \`rollcall cancel ${actionId}\`.`,
    );
    expect(server.received(`GET ${action}/report`)).toEqual([]);
  });
});

function wrongRows(status: string | null): object[] {
  if (status === 'failed')
    return [{ rowNumber: 4, answer: 'failed', errors: [{ code: 'refused', message: 'the registry refused it' }] }];
  const message = 'expected a whole number from 1';
  return [3, 5, 6, 7, 8].map((rowNumber) => ({
    rowNumber,
    answer: 'invalid',
    errors: [{ code: 'too_small', column: 'capacity', value: rowNumber === 3 ? '-5' : '\x1b[2J', message }],
  }));
}

describe('GIVEN a sheet that goes up in parts', () => {
  const content = Buffer.alloc(2 * partBytes + 1_000, 'facilityName\n');
  const big = ['upload', 'big.csv', '--process', 'facilityCreation', '--reference', 'cmp-123'];

  beforeEach(async () => {
    await writeFile(join(cwd, 'big.csv'), content);
    serveInParts(3);
  });

  it('WHEN all goes well THEN the parts make the sheet and are completed in order', async () => {
    const { code, stdout } = await rollcall(big);
    expect(code).toBe(0);
    expect(stdout).toBe(`${actionId}\n`);
    const stored = ['/parts/1', '/parts/2', '/parts/3'].map((path) => storedParts.get(path) ?? Buffer.alloc(0));
    expect(Buffer.concat(stored).equals(content)).toBe(true);
    expect(completedParts()).toEqual([1, 2, 3].map((partNumber) => ({ partNumber, etag: `"etag-${partNumber}"` })));
  });

  it('WHEN a part is lost and another throttled THEN they are sent again', async () => {
    server
      .when('PUT /parts/1', inTurn('destroy', { headers: { etag: 'one' } }))
      .when('PUT /parts/2', inTurn({ status: 503 }, { headers: { etag: 'two' } }));
    const { code } = await rollcall(big);
    expect(code).toBe(0);
    expect(server.received('PUT /parts/1')[1]?.body).toHaveLength(partBytes);
    expect(completedParts().map(({ etag }) => etag)).toEqual(['one', 'two', '"etag-3"']);
  });

  it('WHEN a part is refused THEN the upload is not completed', async () => {
    server.when('PUT /parts/2', () => ({ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }));
    const { code, stderr } = await rollcall(big);
    expect(code).toBe(2);
    expect(stderr).toContain('the permission to upload may have expired');
    expect(server.received(`POST ${action}/upload/complete`)).toEqual([]);
  });

  it('WHEN it is interrupted THEN the upload is not completed, and the action does not keep the reference', async () => {
    server
      .when('PUT /parts/3', () => new Promise<Reply>(() => {}))
      .when(`POST ${action}/cancel`, () => ({ status: 202, body: { actionId, status: 'cancelled' } }));
    const { code, stderr } = await rollcall(big, { interruptAt: 'uploading' });
    expect(code).toBe(130);
    expect(stderr).toContain('the upload was stopped');
    expect(stderr).not.toContain('rollcall cancel');
    expect(server.received(`POST ${action}/upload/complete`)).toEqual([]);
    expect(server.received(`POST ${action}/cancel`)).toHaveLength(1);
  });

  it('WHEN the action of a refused upload cannot be cancelled THEN it says how', async () => {
    server
      .when('PUT /parts/2', () => ({ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }))
      .when(`POST ${action}/cancel`, () => ({ status: 409, body: problem('not_possible', 409, 'Not now.') }));
    const { code, stderr } = await rollcall(big);
    expect(code).toBe(2);
    expect(stderr).toContain('the permission to upload may have expired');
    expect(stderr).toContain(`rollcall cancel ${actionId}`);
  });

  function completedParts(): { partNumber: number; etag: string }[] {
    const [complete] = server.received(`POST ${action}/upload/complete`);
    return JSON.parse(String(complete?.body)).parts;
  }
});

describe('GIVEN an action', () => {
  it('WHEN it is watched through an outage of the service THEN it is followed to its end', async () => {
    server.when(
      `GET ${action}`,
      inTurn({ body: actionView({ status: 'processing' }) }, 'destroy', { status: 502 }, { body: actionView() }),
    );
    const { code, stderr } = await rollcall(['watch', actionId, '--json']);
    expect(code).toBe(0);
    expect(stderr).toContain('processing');
    expect(server.received(`GET ${action}`)).toHaveLength(4);
  });

  it('WHEN its report is asked for before its end THEN it exits with 2 and leaves no files', async () => {
    const early = problem('illegal_transition', 409, 'The action has not ended.');
    server.when(`GET ${action}/report`, () => ({ status: 409, body: early }));
    const { code, stderr } = await rollcall(['report', actionId, '--out', 'out']);
    expect(code).toBe(2);
    expect(stderr).toContain('The action has not ended.');
    expect(await readdir(cwd)).toEqual(['facilities.csv']);
  });

  it('WHEN its report is fetched THEN the paths are printed, also for a failed action', async () => {
    server.when(`GET ${action}`, () => ({ body: actionView({ status: 'failed' }) }));
    const { code, stdout } = await rollcall(['report', actionId, '--out', 'out']);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([
      join(cwd, 'out', 'facilities.report.csv'),
      join(cwd, 'out', 'facilities.summary.json'),
    ]);
  });

  it('WHEN it is retried THEN only once, and its new report is downloaded', async () => {
    server.when(`POST ${action}/retry`, () => ({ status: 202, body: { actionId, status: 'pending' } }));
    const { code } = await rollcall(['retry', actionId, '--out', 'out']);
    expect(code).toBe(0);
    expect(server.received(`POST ${action}/retry`)).toHaveLength(1);
    expect(await readdir(join(cwd, 'out'))).toHaveLength(2);
  });

  it('WHEN it is shown THEN figures, revived rows and warnings are there', async () => {
    const shown = actionView({
      warnings: ['unknown column Remarks'],
      revived: { rows: 3, created: 2, failed: 1 },
      sheet: { format: 'csv', encoding: 'utf-8', delimiter: ';' },
    });
    server.when(`GET ${action}`, () => ({ body: shown }));
    const { code, stdout } = await rollcall(['show', actionId]);
    expect(code).toBe(0);
    expect(stdout).toContain('revived from earlier sheets: 3 rows, 2 created, 1 failed');
    expect(stdout).toContain('unknown column Remarks');
    expect(stdout).toContain('csv, utf-8, delimiter ";"');
    expect(stdout).toContain('took 2.0 s, 1 rows/s');
  });
});

describe('GIVEN a service with much in it', () => {
  it('WHEN actions are listed THEN pages are followed as far as asked', async () => {
    const page = (count: number) => Array.from({ length: count }, () => actionView());
    server.when('GET /api/bulk-actions', ({ query }) => {
      const items = page(Number(query.get('limit')));
      return { body: query.has('cursor') ? { items } : { items, cursor: 'next' } };
    });
    const { code, stdout } = await rollcall(['actions', '--reference', 'cmp-123', '--limit', '130', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(130);
    const queries = server.received('GET /api/bulk-actions').map(({ query }) => Object.fromEntries(query));
    expect(queries).toEqual([
      { referenceId: 'cmp-123', limit: '100' },
      { referenceId: 'cmp-123', limit: '30', cursor: 'next' },
    ]);
  });

  it('WHEN processes are listed THEN each column says what is expected', async () => {
    const column = { name: 'capacity', required: true, description: 'How much it holds', example: '100' };
    const process = {
      name: 'facilityCreation',
      title: 'Facilities',
      entity: 'facility',
      action: 'insert',
      uniqueColumn: 'facilityName',
      onInvalidRow: 'reject',
      columns: [{ ...column, expected: 'a whole number from 1 to 100,000,000' }],
    };
    server.when('GET /api/processes', () => ({ body: { items: [process] } }));
    const { stdout } = await rollcall(['processes']);
    expect(stdout).toMatch(/facilityCreation\n.*unique by facilityName/);
    expect(stdout).toMatch(/capacity +yes +100 +a whole number from 1 to 100,000,000/);
  });

  it('WHEN a template is fetched THEN it is written once and never over a filled-in sheet', async () => {
    const bytes = Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff, 0x00]);
    server.when('GET /api/processes/facilityCreation/template', () => ({ body: bytes }));
    const first = await rollcall(['template', 'facilityCreation']);
    expect(first).toMatchObject({ code: 0, stdout: 'facilityCreation.xlsx\n' });
    expect((await readFile(join(cwd, 'facilityCreation.xlsx'))).equals(bytes)).toBe(true);

    await writeFile(join(cwd, 'facilityCreation.xlsx'), 'filled in');
    const second = await rollcall(['template', 'facilityCreation']);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('facilityCreation.xlsx is already there');
    expect(await readFile(join(cwd, 'facilityCreation.xlsx'), 'utf8')).toBe('filled in');
  });
});
