import type { ApiClient } from '../api-client.ts';
import type { CreatedKey, CreateKey, KeyList, KeyView } from '../api-types.ts';
import { connectionOptions, defineCommand, type Session } from '../command.ts';
import { exitCodes, UnusableError } from '../errors.ts';
import { localTime } from '../format.ts';
import { readTime } from '../read-time.ts';
import { table } from '../table.ts';
import { note, print } from '../terminal.ts';

interface KeyOptions {
  readonly role?: string;
  readonly name?: string;
  readonly account?: string;
  readonly expires?: string;
  readonly json?: boolean;
}

export const keys = defineCommand({
  name: 'keys',
  summary: 'List, create and revoke API keys',
  description: `\`keys\` or \`keys list\` shows the account's keys, newest first. \`keys create\` makes one and prints it on standard
output: it is shown this once. \`keys revoke ID\` ends one for good. All of it needs the key of an admin.`,
  arguments: [
    { name: 'list|create|revoke', help: 'What to do; default: list.', optional: true },
    { name: 'ID', help: "With revoke: the key's id, as `rollcall keys` prints it.", optional: true },
  ],
  options: {
    role: {
      type: 'string',
      choices: ['admin', 'operator', 'producer', 'viewer'],
      help: 'With create: what the key may do.',
    },
    name: { type: 'string', value: 'NAME', help: 'With create: who or what the key is for.' },
    expires: { type: 'string', value: 'TIME', help: 'With create: when it ceases to be good; default: never.' },
    account: { type: 'string', value: 'ACCOUNT', help: "The account; default: the caller's own." },
    json: { type: 'boolean', help: 'Print a JSON array of keys, or the one key as an object.' },
    ...connectionOptions,
  },
  exitCodes: [
    '0  done',
    '1  the service had a fault',
    '2  unusable: no such key, a key that may not do this, or an argument to change',
  ],
  examples: [
    'rollcall keys',
    'rollcall keys create --role operator --name "nightly import"',
    'rollcall keys revoke 3f9c2b7e10d84f0c9a6b5d4e3c2b1a09',
  ],
  async run(session, options, what = 'list', id) {
    const act = actions.get(what);
    if (!act) throw misuse(`there is no \`keys ${what}\``);
    const wanted = act(options, id);
    await wanted(await session.connect(options), session);
    return exitCodes.completed;
  },
});

type Action = (api: ApiClient, session: Session) => Promise<void>;

/** Each checks its arguments first and asks the service then. */
const actions = new Map<string, (options: KeyOptions, id: string | undefined) => Action>([
  ['list', listKeys],
  ['create', createKey],
  ['revoke', revokeKey],
]);

function listKeys({ account, json }: KeyOptions): Action {
  return async (api, session) => {
    const items = await allKeys(api, account, session);
    if (json) print(JSON.stringify(items));
    else if (items.length === 0) note('No keys.');
    else for (const line of describe(items)) print(line);
  };
}

async function allKeys(api: ApiClient, accountId: string | undefined, session: Session): Promise<KeyView[]> {
  const items: KeyView[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get<KeyList>('/api/keys', { accountId, cursor }, { signal: session.interrupted });
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}

function createKey({ role, name, account, expires, json }: KeyOptions): Action {
  if (role === undefined) throw misuse('--role is missing');
  if (name === undefined) throw misuse('--name is missing');
  // The parser has checked the role against the choices.
  const body = { role: role as CreateKey['role'], name, accountId: account, expiresAt: readTime('expires', expires) };
  return async (api, session) => {
    // Once only: when an answer gets lost, the second request would make a second key.
    const created = await api.post<CreatedKey>('/api/keys', body, { signal: session.interrupted, attempts: 1 });
    print(json ? JSON.stringify(created) : created.key);
    note(`Keep it: it is not shown again. Its id is ${created.keyId}.`);
  };
}

function revokeKey({ json }: KeyOptions, id: string | undefined): Action {
  if (id === undefined) throw misuse('ID is missing');
  return async (api, session) => {
    const path = `/api/keys/${encodeURIComponent(id)}`;
    const revoked = await api.delete<KeyView>(path, { signal: session.interrupted });
    if (json) print(JSON.stringify(revoked));
    else note(`The key ${revoked.keyId} (${revoked.name}) is revoked.`);
  };
}

function describe(items: readonly KeyView[]): string[] {
  return table(
    [
      { title: 'key' },
      { title: 'role' },
      { title: 'name', width: 32 },
      { title: 'created' },
      { title: 'last used' },
      { title: 'state' },
    ],
    items.map((key) => [
      key.keyId,
      key.role,
      key.name,
      localTime(key.createdAt),
      key.lastUsedAt === undefined ? 'never' : localTime(key.lastUsedAt),
      stateOf(key),
    ]),
  );
}

function stateOf({ revokedAt, expiresAt }: KeyView): string {
  if (revokedAt !== undefined) return `revoked ${localTime(revokedAt)}`;
  if (expiresAt === undefined) return 'good';
  return `${Date.parse(expiresAt) < Date.now() ? 'expired' : 'good until'} ${localTime(expiresAt)}`;
}

function misuse(message: string): UnusableError {
  return new UnusableError(message, 'See `rollcall keys --help`.');
}
