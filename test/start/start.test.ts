import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { delimited } from '../support/sheet-files.ts';
import { StartProcess } from './start-process.ts';

let state: string;
let started: StartProcess[];

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'rollcall-start-'));
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((process) => process.kill()));
  await rm(state, { recursive: true });
});

function npmStart(...args: string[]): StartProcess {
  const process = new StartProcess(args, state);
  started.push(process);
  return process;
}

function rollcall(...args: string[]) {
  return runCli(args, { cwd: state, env: { ROLLCALL_STATE: state } });
}

const submission = ['--process', 'facilityCreation', '--reference', 'start'];
const serving = 'Rollcall is running';

/** Several boots, and a campaign, on a machine that may be busy with other tests. */
const timeout = 480_000;

describe('GIVEN npm start', { timeout }, () => {
  it('WHEN it is the first time THEN it runs the example campaign, shows the key once, serves, and stops on Ctrl-C', async () => {
    const first = npmStart('--port', '0');
    await first.says(serving);
    // Rows, created, known, duplicate, invalid, failed; then mapped and detached.
    expect(first.stdout).toMatch(/campaignCreation +completed +8 +8 +0 +0 +0 +0 +16 +0 /);
    expect(first.stdout).toMatch(/facilityCreation +completed_with_failures +1,000 +993 +0 +1 +6 +0 +[1-9][\d,]* +0 /);
    expect(first.stdout).toMatch(/userCreation +completed_with_failures +2,000 +1,993 +0 +1 +6 +0 +[1-9][\d,]* +0 /);
    expect(first.stdout).toMatch(/facilityCreation +completed +60 +0 +60 +0 +0 +0 +[1-9][\d,]* +[1-9]\d* /);
    expect(first.stdout).toMatch(/59 +capacity +-5 /);
    const endpoint = join(state, 'endpoint.json');
    const { key } = JSON.parse(await readFile(endpoint, 'utf8'));
    expect((await stat(endpoint)).mode & 0o777).toBe(0o600);
    expect(first.stdout).toContain(key);

    const second = npmStart('--port', '0');
    expect(await second.ended()).toBe(2);
    expect(second.stderr).toContain('a local stack is already running at http://127.0.0.1:');

    first.interrupt();
    expect(await first.ended()).toBe(0);
    expect(first.stderr).not.toContain('is gone');
    await expect(stat(endpoint)).rejects.toThrow('ENOENT');

    const later = npmStart('--port', '0');
    await later.says(serving);
    expect(later.stdout).not.toContain(key);
    expect(later.stdout).not.toContain('Example campaign');
    expect((await rollcall('actions')).stdout.match(/marova-2026/g)).toHaveLength(4);
  });

  it('WHEN it is killed while an action runs THEN the action goes on after the restart and ends right', async () => {
    await writeFile(join(state, 'sheet.csv'), delimited(facilitySheet(facilities(4_000))));
    const first = npmStart('--port', '0', '--no-example');
    await first.says(serving);
    const actionId = (await rollcall('upload', 'sheet.csv', ...submission)).stdout.trim();
    await processing(actionId);
    await first.kill();

    const second = npmStart('--port', '0', '--no-example');
    await second.says(serving);
    const { stdout } = await rollcall('watch', actionId, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', counts: { rows: 4_000, created: 4_000 } });
  });

  it.runIf(process.platform === 'linux')(
    'WHEN its database is killed THEN it ends, and what was under way goes on after the restart',
    async () => {
      await writeFile(join(state, 'sheet.csv'), delimited(facilitySheet(facilities(4_000))));
      const first = npmStart('--port', '0', '--no-example');
      await first.says(serving);
      const actionId = (await rollcall('upload', 'sheet.csv', ...submission)).stdout.trim();
      await processing(actionId);
      await first.killChild('dynoxide');
      expect(await first.ended()).toBe(1);
      expect(first.stderr).toContain('DynamoDB is gone');

      const second = npmStart('--port', '0', '--no-example');
      await second.says(serving);
      const { stdout } = await rollcall('watch', actionId, '--json');
      expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', counts: { rows: 4_000, created: 4_000 } });
    },
  );

  it('WHEN its database file is no database THEN it says so and ends', async () => {
    await writeFile(join(state, 'dynamodb.sqlite'), 'no database '.repeat(10_000));
    const process = npmStart('--port', '0', '--no-example');
    await process.says('the local stack did not start: dynoxide ended');
    expect(await process.ended()).toBe(2);
  });

  it('WHEN a command is given and no stack runs THEN one is booted for it, and what it did is kept', async () => {
    await writeFile(join(state, 'sheet.csv'), delimited(facilitySheet(facilities(3))));
    const run = ['run', 'sheet.csv', ...submission, '--json', '--out', state];
    const first = npmStart(...run);
    expect(await first.ended()).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ status: 'completed', counts: { created: 3 } });

    const again = npmStart(...run);
    expect(await again.ended()).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'completed', counts: { created: 0, known: 3 } });

    const elsewhere = npmStart('--ephemeral', ...run);
    expect(await elsewhere.ended()).toBe(0);
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ status: 'completed', counts: { created: 3 } });
  });

  it.each([
    [['run', 'nowhere.csv', ...submission], 'nowhere.csv: there is no such file'],
    [['--port', '80'], '--port must be 0 or a number from 1024 to 65531'],
    [['--fast'], "Unknown option '--fast'"],
    [['sheet.csv'], "Unexpected argument 'sheet.csv'"],
  ])('WHEN it is started with %j THEN it says what is wrong before it boots anything', async (args, message) => {
    const process = npmStart(...args);
    expect(await process.ended()).toBe(2);
    expect(process.stderr).toContain(message);
    expect(process.stderr).not.toContain('Booting');
  });

  it('WHEN help is asked for THEN it is explained', async () => {
    const process = npmStart('--help');
    expect(await process.ended()).toBe(0);
    expect(process.stdout).toMatch(/--ephemeral.*\n.*--no-example/);
  });
});

/** Some rows have been created, some have not. */
async function processing(actionId: string): Promise<void> {
  for (;;) {
    const { status, counts } = JSON.parse((await rollcall('show', actionId, '--json')).stdout);
    if (status === 'processing' && counts.created > 0) return;
    if (!['pending', 'validating', 'processing'].includes(status)) throw new Error(`The action is already ${status}.`);
  }
}
