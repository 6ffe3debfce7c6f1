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
