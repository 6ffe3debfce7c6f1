import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../lambdas/model/api.ts';
import { giveKey, newAccount } from '../support/accounts.ts';
import { RollcallClient } from '../support/client.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import type { Known } from '../support/fuzz/arbitraries.ts';
import { type Answered, type Operation, operationsOf, violations } from '../support/fuzz/openapi.ts';
import { type RawAnswer, type RawRequest, requestsTo, send } from '../support/fuzz/requests.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';
import { type StackResources, sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const requestsAnOperation = Number(process.env.ROLLCALL_FUZZ_REQUESTS ?? 15);
/** Another one each time; the same again with ROLLCALL_FUZZ_SEED. */
const seed = Number(process.env.ROLLCALL_FUZZ_SEED ?? Date.now() % 2 ** 31);

describe.skipIf(!stack.resources)(
  `GIVEN requests made from the API's own document (ROLLCALL_FUZZ_SEED=${seed})`,
  () => {
    let operations: ReadonlyMap<string, Operation>;
    let key: string;
    const known: Record<string, readonly unknown[]> = {};

    beforeAll(async () => {
      // An account of its own: whatever is created or revoked is nobody else's.
      key = await giveKey(stack.resources as StackResources, newAccount());
      const client = new RollcallClient({ ...stack, key });
      operations = new Map(
        operationsOf(await client.read('/api/openapi.json')).map((operation) => [operation.operationId, operation]),
      );
      Object.assign(known, await somethingKnown(client));
    });

    it.concurrent.each(routes.map(({ operationId }) => operationId))(
      'WHEN %s gets them THEN each answer is a documented one, and none our fault',
      async (operationId) => {
        const operation = operations.get(operationId) as Operation;
        await fc.assert(
          fc.asyncProperty(requestsTo(operation, known), async (request) => {
            expectDocumented(operation, request, await send(stack.endpoint, key, request));
          }),
          { seed, numRuns: requestsAnOperation, interruptAfterTimeLimit: 120_000 },
        );
      },
    );
  },
);

/** Ids of things that the account has. */
async function somethingKnown(client: RollcallClient): Promise<Known> {
  const referenceId = newReference();
  const submission = { referenceId, processName: 'facilityCreation' };
  const actionId = await client.submit(submission, csvFile(facilitySheet(facilities(3))));
  await client.ended(actionId);
  const { body: webhook } = await client.post<{ webhookId: string }>('/api/webhooks', {
    url: 'https://nobody.invalid/hook',
  });
  const { keyId } = (await client.post<{ keyId: string }>('/api/keys', { role: 'viewer', name: 'to be revoked' })).body;
  const { cursor } = await client.read<{ cursor?: string }>('/api/keys?limit=1');
  return {
    actionId: [actionId],
    referenceId: [referenceId],
    name: ['facilityCreation'],
    processName: ['facilityCreation', 'contactUpsert', 'boundaryCreation'],
    entity: ['contact', 'company'],
    webhookId: [webhook.webhookId],
    keyId: [keyId],
    cursor: [cursor],
    records: [
      [{ email: 'a@example.org', lastName: 'A' }],
      [{ code: 'B-1', name: 'B', boundaryType: 'District' }],
      [{}],
    ],
    columns: [{ 'E-mail': 'email' }, {}, { code: null }],
    sample: [
      Buffer.from('email;lastName\na@example.org;A\n').toString('base64'),
      Buffer.from('PK\u0003\u0004').toString('base64'),
    ],
  };
}

function expectDocumented({ responses, path }: Operation, request: RawRequest, answer: RawAnswer): void {
  const { status, contentType, text } = answer;
  const about = `${status} ${text.slice(0, 500)}`;
  expect(status, about).toBeLessThan(500);
  if (leadsElsewhere(request, path) || isGatewaysOwn(answer)) return;
  const documented = responses[String(status)];
  expect(documented, `status ${about}`).toBeDefined();
  const [type = ''] = contentType.split(';');
  if (status >= 400) {
    expect(type).toBe('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({ status });
  }
  if (text !== '') expectShape(documented?.content ?? {}, type, text);
}

function expectShape(content: NonNullable<Answered['content']>, type: string, text: string): void {
  const schema = Object.entries(content).find(([described]) => described.split(';')[0] === type)?.[1].schema;
  expect(Object.keys(content).map((described) => described.split(';')[0])).toContain(type);
  if (schema && type.endsWith('json')) expect(violations(schema, JSON.parse(text)), text.slice(0, 500)).toBeUndefined();
}

/** Of a path that it decodes to one of no route, API Gateway says so itself, and so do its emulators. */
function isGatewaysOwn({ status, contentType, text }: RawAnswer): boolean {
  return status === 404 && contentType.startsWith('application/json') && /^\{\s*"message"\s*:/.test(text);
}

/** A part of a path that is empty, or dots, makes it another path, of another operation or of none. */
function leadsElsewhere({ path }: RawRequest, template: string): boolean {
  const [asked = ''] = path.split('?');
  return asked.split('/').length !== template.split('/').length || /\/((%2e|\.){1,2})?(\/|$)/i.test(asked);
}
