import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RollcallServer } from './rollcall-server.ts';
import { runCli } from './run-cli.ts';

let server: RollcallServer;
let cwd: string;

beforeEach(async () => {
  server = new RollcallServer();
  await server.start();
  server.when('GET /api/processes', () => ({ body: { items: [] } }));
  cwd = await mkdtemp(join(tmpdir(), 'rollcall-cli-'));
});
afterEach(async () => {
  await server.stop();
  await rm(cwd, { recursive: true });
});

async function publishEndpoint(pid: number, began?: string): Promise<void> {
  await writeEndpoint(JSON.stringify({ apiUrl: server.url, key: 'local-key', pid, began }));
}

async function writeEndpoint(text: string): Promise<void> {
  await mkdir(join(cwd, 'no-state'));
  await writeFile(join(cwd, 'no-state', 'endpoint.json'), text, { mode: 0o600 });
}

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? Number.NaN;
}

describe('GIVEN a local stack that says where it is', () => {
  it('WHEN it is running THEN commands talk to it with its key', async () => {
    await publishEndpoint(process.pid);
    const { code } = await runCli(['processes'], { cwd });
    expect(code).toBe(0);
    expect(server.requests[0]?.headers['x-api-key']).toBe('local-key');
  });

  it('WHEN it was killed and left its file THEN it is not taken for a running one', async () => {
    await publishEndpoint(await endedPid());
    const { code, stderr } = await runCli(['processes'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('no local stack is running');
    expect(server.requests).toEqual([]);
  });

  it.runIf(process.platform === 'linux')(
    'WHEN it was killed and its number is now that of another process THEN it is not taken for a running one',
    async () => {
      await publishEndpoint(process.pid, '1');
      const { code, stderr } = await runCli(['processes'], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain('no local stack is running');
      expect(server.requests).toEqual([]);
    },
  );

  it.each(['', '{"apiUrl": "htt'])('WHEN its file is cut off (%j) THEN it is as if there were none', async (text) => {
    await writeEndpoint(text);
    const { code, stderr } = await runCli(['processes'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('no local stack is running');
  });

  it('WHEN another endpoint is named THEN the local key is not sent there', async () => {
    await publishEndpoint(process.pid);
    const { code, stderr } = await runCli(['processes', '--endpoint', server.url], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('no API key');
    expect(server.requests).toEqual([]);
  });
});

describe('GIVEN a host whose own Node is too old for TypeScript', () => {
  const pretendOld =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.0.0"}})';

  it('WHEN a command is run THEN the installed Node 24 runs it, with its output and exit code', async () => {
    await publishEndpoint(process.pid);
    const options = { cwd, nodeOptions: ['--import', pretendOld] };
    expect(await runCli(['processes', '--json'], options)).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
    expect((await runCli(['launch'], options)).code).toBe(2);
  });
});
