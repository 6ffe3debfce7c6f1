/** The cloud assembly that a local run boots: synthesized when something of it has changed, else the one from last time. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, exitCodes } from '../../cli/errors.ts';

const root = join(import.meta.dirname, '../..');
/** Everything that synthesis reads. */
const sources = ['bin', 'lib', 'lambdas', 'statemachines', 'cdk.json', 'package-lock.json'];
const assemblies = join(root, 'dist/local');
/** A stack that is running reads its functions from its assembly: older ones stay for a while. */
const keptAssemblies = 3;

/** Answers with the directory of the assembly for the stage `local`. `onSynthesis` is told when it takes a moment. */
export async function synthesize(onSynthesis: () => void): Promise<string> {
  const assembly = join(assemblies, await fingerprint());
  if (existsSync(assembly)) {
    await touch(assembly);
    return assembly;
  }
  onSynthesis();
  await mkdir(assemblies, { recursive: true });
  const draft = await mkdtemp(join(assemblies, 'draft-'));
  try {
    await runSynthesis(draft);
    await settle(draft, assembly);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await prune();
  return assembly;
}

/** The first 16 hexadecimal digits of a hash over the names and contents of all sources. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const file of (await Promise.all(sources.map(filesOf))).flat().sort()) {
    hash.update(`\0${file}\0`).update(await readFile(join(root, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesOf(source: string): Promise<string[]> {
  if ((await stat(join(root, source))).isFile()) return [source];
  const entries = await readdir(join(root, source), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

/** In a process of its own: the CDK is large, and what it takes is given back when it has ended. */
async function runSynthesis(output: string): Promise<void> {
  const args = [join(root, 'bin/rollcall.ts'), '-c', 'stage=local', '-o', output];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  const complaints = child.stderr.toArray();
  const [code] = await once(child, 'close');
  if (code === 0) return;
  throw new CliError(`the stack could not be synthesized:\n${Buffer.concat(await complaints)}`, exitCodes.failed);
}

/** Whole or not at all. Another run may have synthesized the same meanwhile; then its assembly is as good. */
async function settle(draft: string, assembly: string): Promise<void> {
  try {
    await rename(draft, assembly);
  } catch (error) {
    if (!existsSync(assembly)) throw error;
  }
}

async function touch(directory: string): Promise<void> {
  const now = new Date();
  await utimes(directory, now, now);
}

async function prune(): Promise<void> {
  const directories = (await readdir(assemblies)).map((name) => join(assemblies, name));
  const used = await Promise.all(directories.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
  const old = used.sort((a, b) => b.at - a.at).slice(keptAssemblies);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}
