import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isAlive, type ProcessMark } from './live-process.ts';

/** What a running local stack says about itself in `endpoint.json`, which only its owner may read. */
export interface LocalEndpoint extends ProcessMark {
  readonly apiUrl: string;
  readonly key: string;
}

/** Where the local stack keeps its state: `.rollcall/` of this checkout, or what ROLLCALL_STATE names. */
export function stateDirectory(): string {
  return resolve(process.env.ROLLCALL_STATE ?? join(import.meta.dirname, '..', '.rollcall'));
}

export function endpointFile(): string {
  return join(stateDirectory(), 'endpoint.json');
}

/** The local stack that is running now; undefined when there is none, also if one was killed and left its file. */
export async function runningLocalStack(): Promise<LocalEndpoint | undefined> {
  const endpoint = await readEndpointFile();
  return endpoint && isAlive(endpoint) ? endpoint : undefined;
}

async function readEndpointFile(): Promise<LocalEndpoint | undefined> {
  try {
    return JSON.parse(await readFile(endpointFile(), 'utf8')) as LocalEndpoint;
  } catch (error) {
    // Cut off, as a full disk leaves it: it says nothing, and the next start writes it anew.
    if (error instanceof SyntaxError) return undefined;
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
