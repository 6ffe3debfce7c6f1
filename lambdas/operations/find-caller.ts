import type { Caller } from '../model/account.ts';
import { parseApiKey, secretMatches } from '../model/api-key.ts';
import type { AccountLimits } from '../model/quota.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { ApiKeyStore, StoredApiKey } from '../store/api-key-store.ts';

/** Who calls with this API key; undefined when nobody may. */
export async function findCaller(keys: ApiKeyStore, text: string | undefined): Promise<Caller | undefined> {
  const stored = await findKey(keys, text);
  return stored && callerOf(stored);
}

async function findKey(keys: ApiKeyStore, text: string | undefined): Promise<StoredApiKey | undefined> {
  const key = parseApiKey(text ?? '');
  if (!key) return undefined;
  const stored = await keys.find(key.keyId);
  if (!stored || stored.revokedAt !== undefined || endOf(stored) <= Date.now()) return undefined;
  return secretMatches(key.secret, stored.secretHash) ? stored : undefined;
}

function callerOf({ accountId, keyId, role }: StoredApiKey): Caller {
  return { accountId, keyId, role };
}

/** When the key ceases to be good, milliseconds since 1970. */
function endOf({ validUntil }: StoredApiKey): number {
  return validUntil === undefined ? Number.POSITIVE_INFINITY : Date.parse(validUntil);
}

/** How long a caller is remembered, milliseconds: a client that polls costs few reads, and a revoked key is useless soon. */
const rememberedMs = 30_000;
const rememberedAtMost = 1_000;
/** A key's last use is written down at most this often. */
const usesMs = 60_000;

export interface CallerStores {
  readonly keys: ApiKeyStore;
  readonly accounts: AccountStore;
  /** The stage's limits. */
  readonly defaults: AccountLimits;
}

/** Somebody who may call, and how much. */
export type LimitedCaller = Caller & { readonly limits: AccountLimits };

/** Callers that were found a moment ago. Who was not found is looked for again each time. */
export class RecentCallers {
  private readonly stores: CallerStores;
  private readonly recent = new Map<string, { readonly caller: LimitedCaller; readonly until: number }>();

  constructor(stores: CallerStores) {
    this.stores = stores;
  }

  async find(text: string | undefined): Promise<LimitedCaller | undefined> {
    const known = this.recent.get(text ?? '');
    if (known && known.until > Date.now()) return known.caller;
    const { keys, accounts, defaults } = this.stores;
    const stored = await findKey(keys, text);
    if (!stored || text === undefined) return undefined;
    const [account] = await Promise.all([accounts.find(stored.accountId), noteUse(keys, stored)]);
    const caller = { ...callerOf(stored), limits: { ...defaults, ...account?.limits } };
    this.remember(text, caller, endOf(stored));
    return caller;
  }

  private remember(text: string, caller: LimitedCaller, end: number): void {
    if (this.recent.size >= rememberedAtMost) this.recent.clear();
    this.recent.set(text, { caller, until: Math.min(Date.now() + rememberedMs, end) });
  }
}

async function noteUse(keys: ApiKeyStore, key: StoredApiKey): Promise<void> {
  const now = Date.now();
  if (key.lastUsedAt !== undefined && now - Date.parse(key.lastUsedAt) < usesMs) return;
  await keys.noteUse(key, new Date(now).toISOString());
}
