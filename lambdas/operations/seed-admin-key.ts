import { adminAccountId, adminKeyId, hashSecret, parseApiKey } from '../model/api-key.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { ApiKeyStore } from '../store/api-key-store.ts';

/**
 * Makes the first account, and `text` the key of its administrator; a key that they had before is no longer good. An
 * account that is there keeps its name and limits.
 */
export async function seedAdminKey(
  { keys, accounts }: { keys: ApiKeyStore; accounts: AccountStore },
  text: string,
): Promise<void> {
  const key = parseApiKey(text);
  if (key?.keyId !== adminKeyId) {
    throw new Error('The secret can not be a key: expected 32 to 128 letters and digits');
  }
  const createdAt = new Date().toISOString();
  await accounts.create({ accountId: adminAccountId, name: 'First account', limits: {}, createdAt });
  await keys.replace({
    keyId: adminKeyId,
    accountId: adminAccountId,
    role: 'admin',
    secretHash: hashSecret(key.secret),
    name: 'First administrator',
    createdAt,
  });
}
