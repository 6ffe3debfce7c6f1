import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import { RecentCallers } from '../operations/find-caller.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { loggedErrors, observedHandler } from '../runtime/observed-handler.ts';
import { ApiKeyStore } from '../store/api-key-store.ts';
import { openControl } from '../store/open-stores.ts';

const callers = new RecentCallers(new ApiKeyStore(openControl(readEnvironment('authorize-request')).control));

/**
 * Finds out who calls. A request without a key, or with an unknown one, goes on without a caller: each operation that needs one refuses
 * it with a problem document, which an HTTP API's own refusal can't be.
 */
export const handler = observedHandler(
  'authorize-request',
  async ({
    headers,
  }: APIGatewayRequestAuthorizerEventV2): Promise<APIGatewaySimpleAuthorizerWithContextResult<object>> => {
    const caller = await callers.find(headers?.['x-api-key']);
    return { isAuthorized: true, context: { ...caller } };
  },
  loggedErrors('authorize-request'),
);
