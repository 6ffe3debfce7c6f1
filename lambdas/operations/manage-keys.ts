import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { Caller } from '../model/account.ts';
import type { CreateKey, createdKeySchema, KeyView, keyListSchema } from '../model/api/accounts.ts';
import { formatApiKey, hashSecret, keyPrefix, newApiKey } from '../model/api-key.ts';
import { invalidRequest, receivedText } from '../model/invalid-request.ts';
import { ProblemError } from '../model/problem.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { ApiKeyStore, StoredApiKey } from '../store/api-key-store.ts';
import { requireAccount, runsPlatform } from './manage-accounts.ts';

interface Stores {
  readonly accounts: AccountStore;
  readonly keys: ApiKeyStore;
}

/** 80 bits: a new id meets no other. */
const keyIdBytes = 10;

/** Makes a key of the caller's account, or of the one named. The answer is the only place where its secret ever stands. */
export async function createKey(
  { accounts, keys }: Stores,
  caller: Caller,
  { accountId = caller.accountId, role, name, expiresAt }: CreateKey,
): Promise<z.infer<typeof createdKeySchema>> {
  await requireAccount(accounts, caller, accountId);
  const createdAt = new Date().toISOString();
  if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.parse(createdAt)) {
    const received = receivedText(expiresAt);
    throw invalidRequest([{ in: 'body', path: 'expiresAt', expected: 'a time to come', received }]);
  }
  const key = newApiKey(randomBytes(keyIdBytes).toString('hex'));
  const stored: StoredApiKey = {
    keyId: key.keyId,
    accountId,
    role,
    secretHash: hashSecret(key.secret),
    name,
    createdAt,
    ...(expiresAt !== undefined && { validUntil: new Date(expiresAt).toISOString() }),
  };
  await keys.save(stored);
  return { ...viewKey(stored), key: formatApiKey(key) };
}

export async function listKeys(
  { accounts, keys }: Stores,
  caller: Caller,
  query: { accountId?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<z.infer<typeof keyListSchema>> {
  const { accountId } = await requireAccount(accounts, caller, query.accountId ?? caller.accountId);
  const { items, ...page } = await keys.list(accountId, query.limit, query.cursor);
  return { items: items.map(viewKey), ...page };
}

/**
 * Makes a key useless for good; once more is harmless. Nobody revokes the key that they call with, so that an account
 * keeps an admin who can get in.
 */
export async function revokeKey({ keys }: Pick<Stores, 'keys'>, caller: Caller, keyId: string): Promise<KeyView> {
  const key = await keys.find(keyId);
  if (!key || (key.accountId !== caller.accountId && !runsPlatform(caller))) {
    throw new ProblemError('not_found', `There is no key ${keyId}.`);
  }
  if (keyId === caller.keyId) {
    throw new ProblemError('illegal_transition', 'This is the key that you call with. Revoke it with another one.');
  }
  await keys.revoke(keyId, new Date().toISOString());
  return viewKey((await keys.find(keyId)) ?? key);
}

function viewKey({ keyId, accountId, role, name, createdAt, ...rest }: StoredApiKey): KeyView {
  const { validUntil, lastUsedAt, revokedAt } = rest;
  return {
    keyId,
    prefix: keyPrefix(keyId),
    accountId,
    role,
    name,
    createdAt,
    ...(validUntil !== undefined && { expiresAt: validUntil }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    ...(revokedAt !== undefined && { revokedAt }),
  };
}
