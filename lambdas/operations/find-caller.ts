import type { Caller } from '../model/account.ts';
import { parseApiKey, secretMatches } from '../model/api-key.ts';
import type { ApiKeyStore } from '../store/api-key-store.ts';

/** Who calls with this API key; undefined when nobody may. */
export async function findCaller(keys: ApiKeyStore, text: string | undefined): Promise<Caller | undefined> {
  const key = parseApiKey(text ?? '');
  if (!key) return undefined;
  const stored = await keys.find(key.keyId);
  if (!stored || stored.revokedAt !== undefined || !secretMatches(key.secret, stored.secretHash)) return undefined;
  const { accountId, keyId, role } = stored;
  return { accountId, keyId, role };
}

/** How long a caller is remembered, milliseconds: a client that polls costs few reads, and a revoked key is useless soon. */
const rememberedMs = 30_000;
const rememberedAtMost = 1_000;

/** Callers that were found a moment ago. Who was not found is looked for again each time. */
export class RecentCallers {
  private readonly keys: ApiKeyStore;
  private readonly recent = new Map<string, { readonly caller: Caller; readonly until: number }>();

  constructor(keys: ApiKeyStore) {
    this.keys = keys;
  }

  async find(text: string | undefined): Promise<Caller | undefined> {
    const known = this.recent.get(text ?? '');
    if (known && known.until > Date.now()) return known.caller;
    const caller = await findCaller(this.keys, text);
    if (caller && text !== undefined) this.remember(text, caller);
    return caller;
  }

  private remember(text: string, caller: Caller): void {
    if (this.recent.size >= rememberedAtMost) this.recent.clear();
    this.recent.set(text, { caller, until: Date.now() + rememberedMs });
  }
}
