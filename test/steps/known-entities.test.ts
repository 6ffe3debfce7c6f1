import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReferenceCheck } from '../../lambdas/steps/check-references.ts';
import { KnownEntities, type KnownLimits } from '../../lambdas/steps/known-entities.ts';
import { registerBoundaries } from '../support/shared-entities.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
const accountId = `t-${randomUUID()}`;
const codes = Array.from({ length: 300 }, (_, index) => `C-${index}`);
beforeAll(async () => {
  stores = await startTestStores();
  await registerBoundaries(stores, accountId, codes);
});
afterAll(() => stores.stop());

describe('GIVEN the entities of an account', () => {
  it.each<[string, KnownLimits, number]>([
    ['few are asked for', { asked: 1_000, held: 1_000 }, 300],
    ['more are asked for than one by one', { asked: 50, held: 1_000 }, 300],
    ['there are more than can be held', { asked: 50, held: 120 }, 0],
  ])('WHEN %s THEN it is known which there are, batch by batch', async (_, limits, listed) => {
    const known = new KnownEntities(stores.entityIndex, { accountId, entity: 'boundary' }, limits);
    for (let first = 0; first < 400; first += 40) {
      const batch = Array.from({ length: 60 }, (_, index) => `C-${first + index}`);
      await known.learn(new Set(batch));
      expect(batch.filter((code) => known.levelOf(code) !== undefined)).toEqual(
        batch.filter((code) => codes.includes(code)),
      );
    }
    expect(await known.all()).toHaveLength(listed);
  });
});

describe('GIVEN columns that name entities', () => {
  const references = { boundaryCode: { entity: 'boundary', onlyIfAny: true }, area: { entity: 'boundary' } };

  it('WHEN rows name what there is not THEN each is an error of its column, with what may be meant', async () => {
    const check = await ReferenceCheck.open(stores.entityIndex, accountId, { references });
    const rows = [
      { boundaryCode: ['C-1', 'C-2'], area: 'C-3' },
      { boundaryCode: ['C-1', 'C_17', 'ELSE'], area: 'C-4' },
      { area: 'c17' },
    ];
    await check?.learn(rows);
    const errors = rows.map((row) => check?.errorsOf(row).map(({ column, value }) => [column, value]));
    expect(errors).toEqual([
      [],
      [
        ['boundaryCode', 'C_17'],
        ['boundaryCode', 'ELSE'],
      ],
      [['area', 'c17']],
    ]);
    expect(check?.errorsOf(rows[2] ?? {})[0]).toMatchObject({
      code: 'unknown_boundary',
      message: expect.stringContaining('Did you mean C-17'),
    });
  });

  it('WHEN the account has none THEN only what must exist is checked', async () => {
    const row = { boundaryCode: ['C-1'], area: 'C-1' };
    const check = await ReferenceCheck.open(stores.entityIndex, `t-${randomUUID()}`, { references });
    await check?.learn([row]);
    expect(check?.errorsOf(row).map(({ column }) => column)).toEqual(['area']);
  });

  it('WHEN nothing is to be checked THEN there is no check', async () => {
    expect(await ReferenceCheck.open(stores.entityIndex, accountId, {})).toBeUndefined();
    const only = { references: { boundaryCode: references.boundaryCode } };
    expect(await ReferenceCheck.open(stores.entityIndex, `t-${randomUUID()}`, only)).toBeUndefined();
  });
});
