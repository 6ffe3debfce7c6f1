import { randomUUID } from 'node:crypto';
import type { Role } from '../../lambdas/model/account.ts';
import { formatApiKey, hashSecret, newApiKey } from '../../lambdas/model/api-key.ts';
import { AccountStore } from '../../lambdas/store/account-store.ts';
import { ApiKeyStore } from '../../lambdas/store/api-key-store.ts';
import { ControlTable } from '../../lambdas/store/control-table.ts';
import { documents } from './entities.ts';
import type { StackResources } from './stack-address.ts';

/** Gives an account, which it makes, a key, of which only the hash is stored. Answers with the key. */
export async function giveKey(
  resources: StackResources,
  accountId: string,
  { role = 'admin', revoked = false }: { role?: Role; revoked?: boolean } = {},
): Promise<string> {
  const key = newApiKey(randomUUID().replaceAll('-', ''));
  const createdAt = new Date().toISOString();
  const control = new ControlTable(documents(resources), resources.controlTable);
  await new AccountStore(control).create({ accountId, name: 'test', limits: {}, createdAt });
  await new ApiKeyStore(control).save({
    keyId: key.keyId,
    accountId,
    role,
    secretHash: hashSecret(key.secret),
    name: 'test',
    createdAt,
    ...(revoked && { revokedAt: createdAt }),
  });
  return formatApiKey(key);
}

/** An account of no other test. */
export function newAccount(): string {
  return `t-${randomUUID()}`;
}
