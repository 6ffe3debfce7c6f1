import { adminAccountId, adminKeyId, hashSecret, parseApiKey } from '../model/api-key.ts';
import type { ApiKeyStore } from '../store/api-key-store.ts';

/** Makes `text` the key of the first administrator; a key that they had before is no longer good. */
export async function seedAdminKey(keys: ApiKeyStore, text: string): Promise<void> {
  const key = parseApiKey(text);
  if (key?.keyId !== adminKeyId) {
    throw new Error('The secret can not be a key: expected 32 to 128 letters and digits');
  }
  await keys.replace({
    keyId: adminKeyId,
    accountId: adminAccountId,
    role: 'admin',
    secretHash: hashSecret(key.secret),
    name: 'First administrator',
    createdAt: new Date().toISOString(),
  });
}
