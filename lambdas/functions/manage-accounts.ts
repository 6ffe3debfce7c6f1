import type { z } from 'zod';
import type {
  CreateAccount,
  CreateKey,
  listAccountsQuerySchema,
  listKeysQuerySchema,
  ReplaceAccount,
} from '../model/api/accounts.ts';
import { createAccount, getAccount, listAccounts, replaceAccount } from '../operations/manage-accounts.ts';
import { createKey, listKeys, revokeKey } from '../operations/manage-keys.ts';
import { defaultLimits } from '../runtime/default-limits.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openAccounts } from '../store/open-stores.ts';

const environment = readEnvironment('manage-accounts');
const stores = { ...openAccounts(environment), defaults: defaultLimits(environment) };

type OneAccount<Body = unknown> = HttpRequest<{ accountId: string }, unknown, Body>;

/** /api/accounts and /api/keys: who may use the service, and how much. */
export const handler = httpHandler('manage-accounts', {
  createAccount: async ({ caller, body }: HttpRequest<unknown, unknown, CreateAccount>) => {
    const account = await createAccount(stores, caller, body);
    return { status: 201, headers: { location: `/api/accounts/${account.accountId}` }, body: account };
  },
  listAccounts: async ({ caller, query }: HttpRequest<unknown, z.output<typeof listAccountsQuerySchema>>) => ({
    status: 200,
    body: await listAccounts(stores, caller, query),
  }),
  getAccount: async ({ caller, path }: OneAccount) => ({
    status: 200,
    body: await getAccount(stores, caller, path.accountId),
  }),
  replaceAccount: async ({ caller, path, body }: OneAccount<ReplaceAccount>) => ({
    status: 200,
    body: await replaceAccount(stores, caller, path.accountId, body),
  }),
  createKey: async ({ caller, body }: HttpRequest<unknown, unknown, CreateKey>) => ({
    status: 201,
    body: await createKey(stores, caller, body),
  }),
  listKeys: async ({ caller, query }: HttpRequest<unknown, z.output<typeof listKeysQuerySchema>>) => ({
    status: 200,
    body: await listKeys(stores, caller, query),
  }),
  revokeKey: async ({ caller, path }: HttpRequest<{ keyId: string }>) => ({
    status: 200,
    body: await revokeKey(stores, caller, path.keyId),
  }),
});
