import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { createRowReader } from '../../lambdas/processes/validate-row.ts';
import type { EntityFinder } from '../../lambdas/steps/entity-lookup.ts';
import { RowJudge } from '../../lambdas/steps/judge-rows.ts';
import { openRelations } from '../../lambdas/steps/open-relations.ts';
import type { EntityIndex } from '../../lambdas/store/entity-index.ts';
import { uniqueKey } from '../../lambdas/store/entity-store.ts';

/** What staging makes of an example, in an account that has what `finder` finds. */
async function judge(file: string, processName: string, finder: EntityFinder) {
  const path = join(import.meta.dirname, '../../examples/crm', file);
  const [headers = [], ...rows] = parse(readFileSync(path)) as string[][];
  const process = requireProcess(processName);
  const reader = createRowReader(process, headers);
  expect([reader.missing, reader.unknown, reader.conflicts]).toEqual([[], [], []]);
  const stores = { entities: finder, entityIndex: {} as EntityIndex };
  const judge = new RowJudge(process, await openRelations(stores, { accountId: 'acme', actionId: 'a' }, process));
  return judge.judge(rows.map((cells, index) => ({ rowNumber: index + 2, read: reader.read(cells), identifier: '' })));
}

test('GIVEN the example of contacts WHEN its companies are there THEN one row is a duplicate and one is no address', async () => {
  const nothing: EntityFinder = { find: async () => new Map(), exist: async () => new Set() };
  const companies = await judge('companies.csv', 'companyInsert', nothing);
  expect(companies.map(({ effect }) => effect)).toEqual(companies.map(() => 'created'));

  const ids = new Map(
    companies.map(({ data, entityId }) => [
      uniqueKey({ field: 'domain', value: data?.domain as string }),
      entityId as string,
    ]),
  );
  const inCompanies: EntityFinder = {
    ...nothing,
    find: async ({ entity }) => (entity === 'company' ? ids : new Map()),
  };
  const contacts = await judge('contacts.csv', 'contactUpsert', inCompanies);
  expect(contacts.filter(({ effect }) => effect === 'created')).toHaveLength(8);
  expect(contacts.at(-2)).toMatchObject({ duplicateOf: 2, duplicateIn: 'email' });
  expect(contacts.at(-1)?.errors?.map(({ code }) => code)).toEqual(['bad_email']);
});
