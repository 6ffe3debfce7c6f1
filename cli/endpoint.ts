import { UnusableError } from './errors.ts';
import { runningLocalStack } from './local-endpoint.ts';

/** A service and the key to it. */
export interface Endpoint {
  /** Without a trailing slash; operations are at `{apiUrl}/api/…`. */
  readonly apiUrl: string;
  readonly key: string;
}

/** Finds the local stack; `npm start -- COMMAND` boots one where none is running. */
export type LocalStackFinder = () => Promise<Endpoint | undefined>;

/**
 * The service to talk to: the options, else the environment, else the local stack, whose key is never sent to another
 * address.
 */
export async function findEndpoint(
  options: { readonly endpoint?: string; readonly key?: string },
  findLocalStack: LocalStackFinder = runningLocalStack,
): Promise<Endpoint> {
  // A variable that is set to nothing is not set.
  const apiUrl = options.endpoint || process.env.ROLLCALL_ENDPOINT;
  const key = options.key || process.env.ROLLCALL_KEY;
  if (apiUrl) return { apiUrl: readApiUrl(apiUrl), key: requireKey(key) };
  const local = await findLocalStack();
  if (local) return { apiUrl: readApiUrl(local.apiUrl), key: key || local.key };
  throw new UnusableError(
    'no service to talk to: no --endpoint, no ROLLCALL_ENDPOINT, and no local stack is running',
    'Start one with `npm start`, or name a deployed one: --endpoint URL --key KEY.',
  );
}

function requireKey(key: string | undefined): string {
  if (!key) throw new UnusableError('no API key', 'Give it with --key KEY, or in the environment as ROLLCALL_KEY.');
  // Anything else cannot be sent in a header, and the runtime's own message about it would print the key.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new UnusableError('the API key has characters that no API key has');
  return key;
}

function readApiUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new UnusableError(`'${text}' is not the address of a service`, 'Expected e.g. http://127.0.0.1:4600.');
  }
  // People copy addresses with what follows them.
  return `${url.origin}${url.pathname.replace(/\/(api\/?)?$/, '')}`;
}
