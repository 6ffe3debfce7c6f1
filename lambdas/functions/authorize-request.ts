import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { CallerContext } from '../model/caller-context.ts';
import { RecentCallers } from '../operations/find-caller.ts';
import { RequestLimiter } from '../operations/limit-requests.ts';
import { defaultLimits } from '../runtime/default-limits.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { loggedErrors, observedHandler } from '../runtime/observed-handler.ts';
import { openAccounts } from '../store/open-stores.ts';

const environment = readEnvironment('authorize-request');
const stores = { ...openAccounts(environment), defaults: defaultLimits(environment) };
const callers = new RecentCallers(stores);
const limiter = new RequestLimiter(stores.quotas);

/**
 * Finds out who calls, and whether they may now. A request without a key, with an unknown one, or one too many goes on
 * all the same: each operation refuses it with a problem document, which an HTTP API's own refusal can't be.
 */
export const handler = observedHandler(
  'authorize-request',
  async ({
    headers,
  }: APIGatewayRequestAuthorizerEventV2): Promise<
    APIGatewaySimpleAuthorizerWithContextResult<Partial<CallerContext>>
  > => {
    const caller = await callers.find(headers?.['x-api-key']);
    if (!caller) return { isAuthorized: true, context: {} };
    const requests = await limiter.admit(caller.accountId, caller.limits);
    return { isAuthorized: true, context: { ...caller, requests } };
  },
  loggedErrors('authorize-request'),
);
