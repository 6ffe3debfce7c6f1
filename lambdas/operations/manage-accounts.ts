import type { z } from 'zod';
import type { Caller } from '../model/account.ts';
import type {
  accountDetailsSchema,
  accountListSchema,
  accountSchema,
  CreateAccount,
  ReplaceAccount,
} from '../model/api/accounts.ts';
import { adminAccountId } from '../model/api-key.ts';
import { ProblemError } from '../model/problem.ts';
import { type AccountLimits, recordBucket, requestBucket, secondsUntil } from '../model/quota.ts';
import type { AccountStore, StoredAccount } from '../store/account-store.ts';
import type { QuotaBucket, QuotaStore } from '../store/quota-store.ts';

interface Stores {
  readonly accounts: AccountStore;
  readonly quotas: QuotaStore;
  /** The stage's limits. */
  readonly defaults: AccountLimits;
}

type AccountView = z.infer<typeof accountSchema>;
type AccountDetails = z.infer<typeof accountDetailsSchema>;
type AccountList = z.infer<typeof accountListSchema>;

/** Admins of the first account, which is made at deploy, run the platform: accounts are theirs to make and to limit. */
export function runsPlatform({ accountId, role }: Caller): boolean {
  return accountId === adminAccountId && role === 'admin';
}

/** The account if the caller may see it; to everybody else it does not exist. */
export async function requireAccount(
  accounts: AccountStore,
  caller: Caller,
  accountId: string,
): Promise<StoredAccount> {
  const visible = caller.accountId === accountId || runsPlatform(caller);
  const account = visible ? await accounts.find(accountId) : undefined;
  if (!account) throw new ProblemError('not_found', `There is no account ${accountId}.`);
  return account;
}

export async function createAccount(
  { accounts, defaults }: Stores,
  caller: Caller,
  { accountId, name, ...limits }: CreateAccount,
): Promise<AccountView> {
  refuseUnlessPlatform(caller);
  const account = { accountId, name, limits, createdAt: new Date().toISOString() };
  if (await accounts.create(account)) return viewAccount(account, defaults);
  throw new ProblemError(
    'already_exists',
    `There is an account ${accountId} already. PUT changes its name and limits.`,
  );
}

/** Changes name and limits. What is limited anew begins with full buckets. */
export async function replaceAccount(
  { accounts, quotas, defaults }: Stores,
  caller: Caller,
  accountId: string,
  { name, ...limits }: ReplaceAccount,
): Promise<AccountView> {
  const { createdAt } = await requireAccount(accounts, caller, accountId);
  refuseUnlessPlatform(caller);
  const account = { accountId, name, limits, createdAt };
  await accounts.replace(account);
  await quotas.fill(accountId, ['requests', 'records']);
  return viewAccount(account, defaults);
}

export async function getAccount(stores: Stores, caller: Caller, accountId: string): Promise<AccountDetails> {
  const { accounts, quotas, defaults } = stores;
  const view = viewAccount(await requireAccount(accounts, caller, accountId), defaults);
  const buckets: QuotaBucket[] = [
    { accountId, quota: 'requests', ...requestBucket(view.limits) },
    { accountId, quota: 'records', ...recordBucket(view.limits) },
  ];
  return { ...view, buckets: await Promise.all(buckets.map((bucket) => viewBucket(quotas, bucket))) };
}

/** All accounts, for those who run the platform; for others the one that they know anyway. */
export async function listAccounts(
  { accounts, defaults }: Stores,
  caller: Caller,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<AccountList> {
  if (!runsPlatform(caller)) {
    return { items: [viewAccount(await requireAccount(accounts, caller, caller.accountId), defaults)] };
  }
  const { items, ...page } = await accounts.list(limit, cursor);
  return { items: items.map((account) => viewAccount(account, defaults)), ...page };
}

function refuseUnlessPlatform(caller: Caller): void {
  if (runsPlatform(caller)) return;
  throw new ProblemError('forbidden', `Only admins of the account ${adminAccountId} create and limit accounts.`);
}

function viewAccount({ accountId, name, createdAt, limits }: StoredAccount, defaults: AccountLimits): AccountView {
  return { accountId, name, createdAt, limits: { ...defaults, ...limits }, ownLimits: limits };
}

async function viewBucket(quotas: QuotaStore, bucket: QuotaBucket): Promise<AccountDetails['buckets'][number]> {
  const { quota, capacity } = bucket;
  const { remaining, fullAt, at } = await quotas.look(bucket);
  return { quota, capacity, remaining, fullInSeconds: secondsUntil(bucket, capacity, fullAt, at) };
}
