import { z } from 'zod';
import { accountIdSchema, roles } from '../account.ts';
import { accountLimitsSchema, quotas } from '../quota.ts';
import { cursor, limit, time } from './paging.ts';
import type { Route } from './route.ts';

/** Accounts and their keys, as the HTTP API has them. */

const name = z.string().trim().min(1).max(100);

/** What an account is given; a limit that is absent is the stage's. */
const accountBodySchema = accountLimitsSchema.partial().extend({
  name: name.meta({ description: 'For people.' }),
});
export const createAccountSchema = accountBodySchema
  .extend({ accountId: accountIdSchema.meta({ description: 'Part of the paths of inboxes, and never changed.' }) })
  .strict()
  .meta({ id: 'CreateAccount' });
export type CreateAccount = z.infer<typeof createAccountSchema>;
export const replaceAccountSchema = accountBodySchema.strict().meta({ id: 'ReplaceAccount' });
export type ReplaceAccount = z.infer<typeof replaceAccountSchema>;

const bucketSchema = z.object({
  quota: z.enum(quotas),
  capacity: z.number().int().meta({ description: 'What the bucket holds at most.' }),
  remaining: z.number().int().min(0).meta({ description: 'What is in it now.' }),
  fullInSeconds: z.number().int().min(0),
});

export const accountSchema = z
  .object({
    accountId: z.string(),
    name: z.string(),
    createdAt: time,
    limits: accountLimitsSchema.meta({ description: 'As they hold: its own, and for the others the defaults.' }),
    ownLimits: accountLimitsSchema.partial().meta({ description: 'Those that the account has of its own.' }),
  })
  .meta({ id: 'Account' });
export const accountDetailsSchema = accountSchema
  .extend({ buckets: z.array(bucketSchema).meta({ description: 'What is left of each quota.' }) })
  .meta({ id: 'AccountDetails' });
export const accountListSchema = z
  .object({ items: z.array(accountSchema), cursor: z.string().optional() })
  .meta({ id: 'AccountList' });

const ofAccount = accountIdSchema.optional().meta({
  description: "The account; the caller's own by default. Only admins of the first account may name another.",
});
export const createKeySchema = z
  .strictObject({
    accountId: ofAccount,
    role: z.enum(roles),
    name: name.meta({ description: 'Who or what the key is for.' }),
    expiresAt: time.optional().meta({ description: 'When the key ceases to be good; absent: never.' }),
  })
  .meta({ id: 'CreateKey' });
export type CreateKey = z.infer<typeof createKeySchema>;

export const keySchema = z
  .object({
    keyId: z.string(),
    prefix: z.string().meta({ description: 'What the key begins with; the rest of it is kept nowhere.' }),
    accountId: z.string(),
    role: z.enum(roles),
    name: z.string(),
    createdAt: time,
    expiresAt: time.optional(),
    lastUsedAt: time.optional().meta({ description: 'Give or take a minute.' }),
    revokedAt: time.optional(),
  })
  .meta({ id: 'ApiKey' });
export type KeyView = z.infer<typeof keySchema>;
export const createdKeySchema = keySchema
  .extend({ key: z.string().meta({ description: 'The key itself. It is shown this once.' }) })
  .meta({ id: 'CreatedApiKey' });
export const keyListSchema = z
  .object({ items: z.array(keySchema), cursor: z.string().optional() })
  .meta({ id: 'ApiKeyList' });

export const listAccountsQuerySchema = z.strictObject({ cursor: cursor.optional(), limit });
export const listKeysQuerySchema = z.strictObject({ accountId: ofAccount, cursor: cursor.optional(), limit });

const accountPath = z.object({ accountId: z.string().min(1).max(63) });
const keyPath = z.object({ keyId: z.string().min(1).max(32) });

export const accountRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/accounts',
    operationId: 'createAccount',
    summary: 'Create an account; for admins of the first account',
    function: 'manage-accounts',
    role: 'admin',
    body: createAccountSchema,
    answers: { 201: accountSchema },
    problems: ['already_exists'],
  },
  {
    method: 'GET',
    path: '/api/accounts',
    operationId: 'listAccounts',
    summary: 'The accounts that the caller may see: its own, or all',
    function: 'manage-accounts',
    role: 'admin',
    query: listAccountsQuerySchema,
    answers: { 200: accountListSchema },
  },
  {
    method: 'GET',
    path: '/api/accounts/{accountId}',
    operationId: 'getAccount',
    summary: 'An account, its limits and what is left of them',
    function: 'manage-accounts',
    role: 'viewer',
    pathParameters: accountPath,
    answers: { 200: accountDetailsSchema },
    problems: ['not_found'],
  },
  {
    method: 'PUT',
    path: '/api/accounts/{accountId}',
    operationId: 'replaceAccount',
    summary: "Change an account's name and limits; for admins of the first account",
    function: 'manage-accounts',
    role: 'admin',
    pathParameters: accountPath,
    body: replaceAccountSchema,
    answers: { 200: accountSchema },
    problems: ['not_found'],
  },
  {
    method: 'POST',
    path: '/api/keys',
    operationId: 'createKey',
    summary: 'Create a key, which is shown this once',
    function: 'manage-accounts',
    role: 'admin',
    body: createKeySchema,
    answers: { 201: createdKeySchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/keys',
    operationId: 'listKeys',
    summary: "An account's keys, newest first, without their secrets",
    function: 'manage-accounts',
    role: 'admin',
    query: listKeysQuerySchema,
    answers: { 200: keyListSchema },
    problems: ['not_found'],
  },
  {
    method: 'DELETE',
    path: '/api/keys/{keyId}',
    operationId: 'revokeKey',
    summary: 'Revoke a key for good; within half a minute nobody gets in with it',
    function: 'manage-accounts',
    role: 'admin',
    pathParameters: keyPath,
    answers: { 200: keySchema },
    problems: ['not_found', 'illegal_transition'],
  },
];
