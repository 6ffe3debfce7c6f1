import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PreviewView } from '../../lambdas/model/api/previews.ts';
import { problems } from '../../lambdas/model/problem.ts';
import { RollcallClient } from '../support/client.ts';
import { provokedElsewhere } from '../support/error-codes/elsewhere.ts';
import { onboard, provocations } from '../support/error-codes/problems.ts';
import { type Standing, standingContacts, wrongRecords } from '../support/error-codes/records.ts';
import { wrongRows, wrongSheets } from '../support/error-codes/sheets.ts';
import { newReference } from '../support/references.ts';
import { sharedStack } from '../support/stack-address.ts';

const root = join(import.meta.dirname, '../..');
const platform = new RollcallClient(sharedStack());
let admin: RollcallClient;
beforeAll(async () => {
  admin = await onboard(platform);
});

/** Every code that the page has in the first column of a table. */
function documentedCodes(): string[] {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const cells = [...page.matchAll(/^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \|/gm)].map(([, cell = '']) => cell);
  return [...new Set(cells.flatMap((cell) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => code)))];
}

describe('GIVEN the codes that are documented', () => {
  it('WHEN it is asked how each is provoked THEN none is forgotten, and none invented', () => {
    const tables = [provocations, wrongSheets, wrongRows, wrongRecords, provokedElsewhere];
    const provoked = new Set(tables.flatMap((table) => Object.keys(table)));
    expect(documentedCodes().filter((code) => !provoked.has(code))).toEqual([]);
    expect([...provoked].filter((code) => !documentedCodes().includes(code))).toEqual([]);
  });

  const named = Object.entries(provokedElsewhere).flatMap(([code, where]) => {
    if (typeof where === 'string') return [{ code, file: where, says: code }];
    return 'file' in where ? [{ code, ...where }] : [];
  });
  it.each(named)('WHEN $code is said to be provoked in $file THEN it is', ({ file, says }) => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(says);
  });
});

describe('GIVEN a request that is refused', () => {
  const provoking = Object.entries(provocations).flatMap(([code, provoke]) =>
    typeof provoke === 'string' ? [] : [{ code, provoke, status: problems[code as keyof typeof problems].status }],
  );
  it.concurrent.each(provoking)(
    'WHEN it is one for $code THEN it is answered with that',
    async ({ code, status, provoke }) => {
      const answer = await provoke({ platform, admin });
      expect(answer).toMatchObject({
        status,
        body: { type: `urn:rollcall:problem:${code}`, status, code, detail: expect.stringMatching(/\w+ \w+/) },
      });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    },
  );
});

describe('GIVEN a sheet with one thing wrong', () => {
  async function preview(body: object): Promise<PreviewView> {
    const answer = await admin.post<PreviewView>('/api/bulk-actions/preview', body);
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  }

  it.each(Object.entries(wrongSheets))('WHEN it is looked at THEN it has the problem %s', async (code, make) => {
    const { content, ...reading } = await make();
    const { problem } = await preview({ processName: 'userCreation', ...reading, sample: content.toString('base64') });
    expect(problem).toMatchObject({ code, detail: expect.stringMatching(/\w+ \w+/) });
  });

  it.each(Object.entries(wrongRows))(
    'WHEN it is looked at THEN one of its rows has the error %s',
    async (code, make) => {
      const { content, ...reading } = await make();
      const { items } = await preview({ processName: 'userCreation', ...reading, sample: content.toString('base64') });
      expect(items.flatMap(({ errors = [] }) => errors.map((error) => error.code))).toEqual([code]);
    },
  );

  describe('of which the account has something', () => {
    let standing: Standing;
    beforeAll(async () => {
      const boundary = [{ code: 'STANDING', name: 'Here', boundaryType: 'Village' }];
      const reference = { referenceId: newReference() };
      const actions = await Promise.all([
        admin.submitRecords({ ...reference, processName: 'boundaryCreation' }, boundary),
        admin.submitRecords({ ...reference, processName: 'contactInsert' }, [...standingContacts]),
      ]);
      for (const actionId of actions) expect(await admin.ended(actionId)).toMatchObject({ status: 'completed' });
      const rows = await admin.read<{ items: { entityId: string }[] }>(`/api/bulk-actions/${actions[1]}/rows`);
      standing = { contacts: rows.items };
    });

    it.each(Object.entries(wrongRecords))('WHEN a record has %s THEN it says so, and where', async (code, make) => {
      const { record, ...reading } = make(standing);
      const { items } = await preview({ ...reading, records: [record] });
      expect(items).toMatchObject([{ answer: 'invalid', errors: expect.any(Array) }]);
      const errors = items[0]?.errors ?? [];
      expect(errors.map((error) => error.code)).toEqual([code]);
      expect(errors[0]).toMatchObject({ column: expect.any(String), message: expect.stringMatching(/\w+ \w+/) });
    });
  });
});
