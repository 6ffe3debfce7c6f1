import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What a running local stack says about itself in `endpoint.json`, which only its owner may read. */
export interface LocalEndpoint {
  readonly apiUrl: string;
  readonly key: string;
  /** The process that serves it. */
  readonly pid: number;
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
  return endpoint && isAlive(endpoint.pid) ? endpoint : undefined;
}

async function readEndpointFile(): Promise<LocalEndpoint | undefined> {
  let text: string;
  try {
    text = await readFile(endpointFile(), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text) as LocalEndpoint;
}

/** Signal 0 only asks whether the process is there; EPERM says that it is, under another user. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
