import { expect, test } from 'vitest';
import { createWebhook } from '../../lambdas/operations/webhooks.ts';
import type { WebhookStores } from '../../lambdas/steps/queue-deliveries.ts';

const caller = { accountId: 'acme', keyId: 'k1', role: 'operator' } as const;
const limits = { webhooksPerAccount: 1, allowInsecure: false, keptDays: 1 };
/** Nothing is to be stored. */
const noStores = {} as WebhookStores;

test.each(['http://name:secret@example.org/secret?token=secret', 'https://name:secret@169.254.169.254/secret'])(
  'GIVEN an address that may not be called (%#) WHEN registered THEN a finding names it, and nothing secret of it',
  async (url) => {
    const refused = await createWebhook(noStores, caller, { url, events: ['completed'] } as never, limits).catch(
      (e) => e,
    );
    expect(refused).toMatchObject({ code: 'invalid_request' });
    const document = refused.toDocument();
    expect(document.errors).toEqual([
      {
        in: 'body',
        path: 'url',
        expected: 'an https address in the public internet, and none of link-local or instance metadata',
        received: JSON.stringify(new URL(url).origin),
      },
    ]);
    expect(JSON.stringify(document)).not.toContain('secret');
  },
);
