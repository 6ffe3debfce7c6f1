import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../cli/commands/index.ts';
import { RollcallServer } from './rollcall-server.ts';
import { runCli } from './run-cli.ts';

describe('GIVEN arguments that cannot be used', () => {
  const server = new RollcallServer();
  let cwd: string;

  beforeAll(async () => {
    await server.start();
    cwd = await mkdtemp(join(tmpdir(), 'rollcall-cli-'));
    await writeFile(join(cwd, 'facilities.csv'), 'facilityName\nA\n');
    await writeFile(join(cwd, 'empty.csv'), '');
    await mkdir(join(cwd, 'directory'));
  });
  afterAll(async () => {
    await server.stop();
    await rm(cwd, { recursive: true });
  });

  const connection = () => ['--endpoint', server.url, '--key', server.key];
  const submission = ['--process', 'facilityCreation', '--reference', 'cmp-123'];

  it.each([
    ['no command', [], /Usage/],
    ['an unknown command', ['launch'], /no command 'launch'/],
    ['no sheet', ['run', ...submission], /SHEET is missing/],
    ['no process', ['run', 'facilities.csv', '--reference', 'cmp-123'], /--process PROCESS is missing/],
    ['no reference', ['run', 'facilities.csv', '--process', 'p'], /--reference REFERENCE is missing/],
    ['an unknown option', ['run', 'facilities.csv', ...submission, '--fast'], /--fast/],
    ['an option without its value', ['run', 'facilities.csv', ...submission, '--out'], /--out/],
    ['a second sheet', ['run', 'facilities.csv', 'users.csv', ...submission], /unexpected argument 'users.csv'/],
    ['an unknown policy', ['run', 'facilities.csv', ...submission, '--on-invalid', 'ignore'], /reject or skip/],
    ['a missing file', ['run', 'nowhere.csv', ...submission], /nowhere.csv: there is no such file/],
    ['an empty file', ['run', 'empty.csv', ...submission], /empty.csv is empty/],
    ['a directory', ['run', 'directory', ...submission], /directory is not a file/],
    ['an --out that is a file', ['run', 'facilities.csv', ...submission, '--out', 'empty.csv'], /empty.csv \(EEXIST\)/],
    ['a limit that is no number', ['actions', '--limit', 'all'], /--limit must be a whole number/],
    ['an unknown template format', ['template', 'facilityCreation', '--format', 'pdf'], /xlsx or csv/],
  ])('WHEN there is %s THEN it says so, exits with 2 and asks nothing of the service', async (_, args, message) => {
    const { code, stdout, stderr } = await runCli(args.length === 0 ? [] : [...args, ...connection()], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(server.requests).toEqual([]);
  });

  it('WHEN there is no service to talk to THEN it says how to get one', async () => {
    const { code, stderr } = await runCli(['actions'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/no local stack is running\n.*npm start/);
  });

  it('WHEN an endpoint comes without a key THEN it says so and does not look for another key', async () => {
    const { code, stderr } = await runCli(['actions', '--endpoint', server.url], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/no API key/);
  });

  it('WHEN the endpoint is no address THEN it says what one looks like', async () => {
    const { code, stderr } = await runCli(['actions', '--endpoint', 'localhost:4600', '--key', 'k'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/'localhost:4600' is not the address of a service/);
  });

  it('WHEN nothing listens at the endpoint THEN it says that it cannot be reached', async () => {
    const closed = new RollcallServer();
    await closed.start();
    const { url } = closed;
    await closed.stop();
    const { code, stderr } = await runCli(['actions', '--endpoint', url, '--key', 'secret-key'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(`cannot reach ${url}: nothing listens there`);
    expect(stderr).not.toContain('secret-key');
  });
});

describe('GIVEN a person who asks for help', () => {
  const cwd = tmpdir();

  it('WHEN for all of it THEN every command is named with what it does', async () => {
    const { code, stdout } = await runCli(['--help'], { cwd });
    expect(code).toBe(0);
    for (const { name, summary } of commands) {
      expect(stdout).toContain(name);
      expect(stdout).toContain(summary);
    }
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    'WHEN for %s THEN its arguments, options, exit codes and examples are explained',
    async (name, command) => {
      const { code, stdout } = await runCli([name, '--help'], { cwd });
      expect(code).toBe(0);
      for (const argument of command.arguments) expect(stdout).toContain(argument.help);
      for (const option of Object.keys(command.options)) expect(stdout).toContain(`--${option}`);
      for (const example of command.examples) expect(stdout).toContain(example);
      expect(stdout).toMatch(/Exit codes\n {2}0 {2}/);
      expect((await runCli(['help', name], { cwd })).stdout).toBe(stdout);
    },
  );

  it('WHEN the version is asked for THEN it is printed', async () => {
    expect((await runCli(['--version'], { cwd })).stdout).toMatch(/^rollcall \d+\.\d+\.\d+\n$/);
  });
});
