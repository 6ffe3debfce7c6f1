import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { createdKeySchema } from '../../lambdas/model/api/accounts.ts';
import type { entityListSchema } from '../../lambdas/model/api/entities.ts';
import type { createdWebhookSchema } from '../../lambdas/model/api/webhooks.ts';
import type { RollcallClient } from './client.ts';
import { facility, facilitySheet } from './facilities.ts';
import { newReference } from './references.ts';
import { csvFile } from './sheet-files.ts';

/** One of everything that an account may have, by the name that it has in paths. */
export type Belongings = Readonly<Record<string, string>>;

/** Names in paths that mean the same for every account. */
export const sharedNames: Belongings = { name: 'facilityCreation', entity: 'contact' };

/** Gives the client's account one of everything, and waits until it is there. */
export async function acquireBelongings(client: RollcallClient, accountId: string): Promise<Belongings> {
  const [referenceId, code] = [newReference(), `B-${randomUUID()}`];
  const [keyId, webhookId, entityId] = await Promise.all([
    makeKey(client),
    makeWebhook(client),
    makeContact(client),
    makeBoundary(client, code),
  ]);
  const actionId = await client.submit(
    { referenceId, processName: 'facilityCreation' },
    csvFile(facilitySheet([facility('Theirs', { boundaryCode: code })])),
  );
  await client.ended(actionId);
  return { accountId, actionId, referenceId, code, entityId, keyId, webhookId, deliveryId: randomUUID() };
}

/** The path with the belongings in their places. Throws for a place that nothing belongs to. */
export function pathTo(path: string, belongings: Belongings): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = belongings[name] ?? sharedNames[name];
    if (value === undefined) throw new Error(`${path}: say in belongings.ts what an account has as ${name}`);
    return value;
  });
}

async function makeKey(client: RollcallClient): Promise<string> {
  const key = { role: 'viewer', name: 'theirs' };
  return (await client.post<z.infer<typeof createdKeySchema>>('/api/keys', key)).body.keyId;
}

async function makeWebhook(client: RollcallClient): Promise<string> {
  const webhook = { url: 'https://hook.invalid/' };
  return (await client.post<z.infer<typeof createdWebhookSchema>>('/api/webhooks', webhook)).body.webhookId;
}

async function makeBoundary(client: RollcallClient, code: string): Promise<void> {
  await create(client, 'boundaryCreation', { code, name: 'Own', boundaryType: 'Area', parentCode: '' });
}

async function makeContact(client: RollcallClient): Promise<string> {
  await create(client, 'contactInsert', { email: `${randomUUID()}@example.org`, lastName: 'Theirs' });
  const { items } = await client.read<z.infer<typeof entityListSchema>>('/api/entities/contact');
  return items[0]?.entityId ?? 'the contact was not created';
}

async function create(client: RollcallClient, processName: string, record: Record<string, unknown>): Promise<void> {
  await client.ended(await client.submitRecords({ referenceId: newReference(), processName }, [record]));
}
