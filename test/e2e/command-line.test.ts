import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { facilities, facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { delimited } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const { endpoint, key } = sharedStack();
const campaign = resolve(import.meta.dirname, '../../examples/campaign');

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'rollcall-journey-'));
});
afterEach(() => rm(cwd, { recursive: true }));

function rollcall(...args: string[]) {
  return runCli(args, { cwd, env: { ROLLCALL_ENDPOINT: endpoint, ROLLCALL_KEY: key } });
}

/** What `--json` printed last. */
function lastLine(stdout: string) {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

describe('GIVEN the command line on a real stack', () => {
  it('WHEN the example facilities are run THEN the good rows are created, the others named, and again all is known', async () => {
    const sheet = join(campaign, 'facilities.xlsx');
    const args = ['--process', 'facilityCreation', '--reference', newReference(), '--on-invalid', 'skip', '--out', cwd];
    const first = await rollcall('run', sheet, ...args);
    expect(first.code).toBe(1);
    expect(first.stdout).toMatch(/created +993\n +duplicate +1\n +invalid +6\n/);
    expect(first.stdout).toMatch(/59 +capacity +-5 /);

    const second = await rollcall('run', sheet, ...args, '--json');
    expect(second.code).toBe(1);
    const { status, counts, report } = lastLine(second.stdout);
    expect(status).toBe('completed_with_failures');
    expect(counts).toMatchObject({ rows: 1_000, created: 0, known: 993, duplicate: 1, invalid: 6 });
    expect(report).toEqual(
      ['report.xlsx', 'failed.csv', 'summary.json'].map((name) => join(cwd, `facilities.${name}`)),
    );
  });

  it('WHEN a sheet is rejected THEN its failed.csv, corrected, is run and creates what the sheet would have', async () => {
    const rows = [...facilities(4), facility('Small', { capacity: '0' })];
    await writeFile(join(cwd, 'sheet.csv'), delimited(facilitySheet(rows)));
    const args = ['--process', 'facilityCreation', '--reference', newReference(), '--json', '--out', cwd];
    const rejected = await rollcall('run', 'sheet.csv', ...args);
    expect(rejected.code).toBe(1);
    expect(lastLine(rejected.stdout)).toMatchObject({ status: 'failed', counts: { created: 0, invalid: 1 } });

    const failed = await readFile(join(cwd, 'sheet.failed.csv'), 'utf8');
    expect(failed).toMatch(/\nSmall,.*,invalid,/);
    await writeFile(join(cwd, 'sheet.csv'), delimited(facilitySheet(rows.map((row) => ({ ...row, capacity: '10' })))));
    const corrected = await rollcall('run', 'sheet.csv', ...args);
    expect(corrected.code).toBe(0);
    expect(lastLine(corrected.stdout)).toMatchObject({ status: 'completed', counts: { created: 5 } });
  });

  it('WHEN a large sheet goes up in parts without waiting THEN it can be watched, shown, listed and reported', async () => {
    // Two parts of 8 MiB: few rows, but wide ones, which make one large chunk too.
    const rows = Array.from({ length: 300 }, (_, index) => ({
      ...facility(`Facility ${index}`),
      remarks: 'x'.repeat(30_000),
    }));
    const headers = [...facilitySheet([]).headers, 'remarks'];
    const cells = rows.map((row) => headers.map((header) => String(row[header as keyof typeof row])));
    await writeFile(join(cwd, 'large.csv'), delimited({ headers, rows: cells }));
    const reference = newReference();
    const { stdout, code } = await rollcall(
      'upload',
      'large.csv',
      '--process',
      'facilityCreation',
      '--reference',
      reference,
    );
    expect(code).toBe(0);
    const actionId = stdout.trim();

    const watched = await rollcall('watch', actionId, '--json');
    expect(watched.code).toBe(0);
    expect(lastLine(watched.stdout)).toMatchObject({ actionId, status: 'completed', counts: { created: 300 } });
    expect((await rollcall('show', actionId)).stdout).toMatch(/remarks/);
    expect(lastLine((await rollcall('actions', '--reference', reference, '--json')).stdout)).toMatchObject([
      { actionId },
    ]);
    const [path] = lastLine((await rollcall('report', actionId, '--json')).stdout).report;
    expect(await readFile(path, 'utf8')).toMatch(/Facility 299,.*,created,,/);
  });

  it('WHEN the file is no sheet of the process THEN it exits with 2 and says what is wrong with it', async () => {
    await writeFile(join(cwd, 'people.csv'), 'name,age\nAda,36\n');
    await writeFile(join(cwd, 'picture.csv'), Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
    const args = ['--process', 'facilityCreation', '--reference', newReference()];
    const people = await rollcall('run', 'people.csv', ...args);
    expect(people.code).toBe(2);
    expect(people.stdout).toMatch(/facilityName, facilityType, facilityStatus, capacity, boundaryCode, usage/);
    expect((await rollcall('run', 'picture.csv', ...args)).code).toBe(2);
    expect((await rollcall('run', 'people.csv', '--process', 'nope', '--reference', newReference())).code).toBe(2);
  });

  it('WHEN templates are downloaded THEN they are sheets that the service reads', async () => {
    expect((await rollcall('template', 'userCreation', '--format', 'csv')).stdout).toBe('userCreation.csv\n');
    const header = await readFile(join(cwd, 'userCreation.csv'), 'utf8');
    const row = 'Ada Tembe,0801234567,DISTRIBUTOR,Temporary,MRV-NOR,Active\n';
    await writeFile(join(cwd, 'filled.csv'), `${header.trimEnd()}\n${row}`);
    const { code } = await rollcall('run', 'filled.csv', '--process', 'userCreation', '--reference', newReference());
    expect(code).toBe(0);
  });

  it('WHEN an action waits for its time, or has done what nobody wanted, THEN it is cancelled, or undone', async () => {
    const rows = [{ email: `${newReference()}@example.org`, lastName: 'A' }];
    await writeFile(join(cwd, 'contacts.json'), JSON.stringify(rows));
    const args = ['contacts.json', '--process', 'contactInsert', '--reference', newReference()];
    const waiting = await rollcall('upload', ...args, '--start-at', new Date(Date.now() + 3_600_000).toISOString());
    expect((await rollcall('show', waiting.stdout.trim())).stdout).toMatch(/status +pending, starts 20/);
    const cancelled = await rollcall('cancel', waiting.stdout.trim(), '--json');
    expect([cancelled.code, lastLine(cancelled.stdout).status]).toEqual([0, 'cancelled']);

    const run = lastLine((await rollcall('run', ...args, '--json', '--out', cwd)).stdout);
    expect(run).toMatchObject({ status: 'completed', counts: { created: 1 } });
    const undone = await rollcall('undo', run.actionId, '--json');
    expect(undone.code).toBe(0);
    expect(lastLine(undone.stdout)).toMatchObject({ undo: { status: 'completed', deleted: 1 }, skipped: [] });
    expect((await rollcall('undo', run.actionId)).code).toBe(0);
  });
});
