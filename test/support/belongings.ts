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

/** Gives the client's account one of everything, and waits until it is there. */
export async function acquireBelongings(client: RollcallClient, accountId: string): Promise<Belongings> {
  const [referenceId, code] = [newReference(), `B-${randomUUID()}`];
  const boundary = { code, name: 'Own', boundaryType: 'Area', parentCode: '' };
  const key = await client.post<z.infer<typeof createdKeySchema>>('/api/keys', { role: 'viewer', name: 'theirs' });
  const webhook = await client.post<z.infer<typeof createdWebhookSchema>>('/api/webhooks', {
    url: 'https://hook.invalid/',
  });
  const created = await client.submitRecords({ referenceId: newReference(), processName: 'boundaryCreation' }, [
    boundary,
  ]);
  await client.ended(created);
  const { items } = await client.read<z.infer<typeof entityListSchema>>('/api/entities/boundary');
  const actionId = await client.submit(
    { referenceId, processName: 'facilityCreation' },
    csvFile(facilitySheet([facility('Theirs', { boundaryCode: code })])),
  );
  await client.ended(actionId);
  return {
    accountId,
    actionId,
    referenceId,
    code,
    entityId: String(items[0]?.entityId),
    keyId: key.body.keyId,
    webhookId: webhook.body.webhookId,
    deliveryId: randomUUID(),
  };
}

/** The path with the belongings in their places. Throws for a place that nothing belongs to. */
export function pathTo(path: string, belongings: Belongings): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = belongings[name];
    if (value === undefined) throw new Error(`${path}: say in belongings.ts what an account has as ${name}`);
    return value;
  });
}
