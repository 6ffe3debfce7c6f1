/** Tells the command line of this machine where the local stack is. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { endpointFile, type LocalEndpoint, runningLocalStack } from '../../cli/local-endpoint.ts';

/**
 * Writes `endpoint.json`, readable by its owner alone because it holds the key. A stack that has published itself
 * already stays the one that is found. Answers with what takes the file away again.
 */
export async function publishEndpoint(endpoint: LocalEndpoint): Promise<() => Promise<void>> {
  if (await runningLocalStack()) return async () => {};
  const file = endpointFile();
  await mkdir(dirname(file), { recursive: true });
  // Renamed into place, so that nobody ever reads half of it.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(endpoint), { mode: 0o600 });
  await rename(draft, file);
  return () => rm(file, { force: true });
}
