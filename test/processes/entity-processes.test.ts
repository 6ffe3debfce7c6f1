import { describe, expect, test } from 'vitest';
import { describeProcess } from '../../lambdas/processes/describe.ts';
import { allProcesses, requireProcess } from '../../lambdas/processes/registry.ts';
import { createRowReader } from '../../lambdas/processes/validate-row.ts';

const id = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** The row of one cell under each header. */
function read(processName: string, cells: Record<string, string>, clearEmpty = false, absent?: ReadonlySet<number>) {
  const reader = createRowReader(requireProcess(processName), Object.keys(cells), {}, clearEmpty);
  return reader.read(Object.values(cells), absent);
}

function missing(processName: string, headers: readonly string[]) {
  return createRowReader(requireProcess(processName), headers).missing;
}

const column = (processName: string, name: string) =>
  describeProcess(requireProcess(processName)).columns.find((view) => view.name === name);

describe('the processes of entities that can change', () => {
  test.each(['contact', 'company', 'lead', 'product'])(
    'GIVEN %s THEN there are four, whose rows are an action’s own',
    (entity) => {
      const own = allProcesses().filter((process) => process.entity === entity);
      expect(own.map(({ name, action }) => [name, action])).toEqual([
        [`${entity}Delete`, 'delete'],
        [`${entity}Insert`, 'insert'],
        [`${entity}Update`, 'update'],
        [`${entity}Upsert`, 'upsert'],
      ]);
      for (const process of own) {
        expect(process).toMatchObject({ rowScope: 'action', entityScope: 'account', onInvalidRow: 'skip' });
        expect(process.entityKeys?.unique.length).toBeGreaterThan(1);
      }
    },
  );

  test('GIVEN an insert THEN what every entity has is required; GIVEN the others THEN it is not', () => {
    expect(column('contactInsert', 'lastName')?.required).toBe(true);
    expect(column('contactUpsert', 'lastName')).toMatchObject({ required: false });
    expect(column('contactUpsert', 'lastName')?.description).toContain('A new contact must have it');
    expect(column('contactUpdate', 'lastName')?.required).toBe(false);
  });

  test('GIVEN a delete THEN it has the columns that identify, and no others', () => {
    expect(describeProcess(requireProcess('productDelete')).columns.map(({ name }) => name)).toEqual([
      'entityId',
      'sku',
      'barcode',
    ]);
  });
});

describe('GIVEN headers none of which identifies', () => {
  test('WHEN they are read THEN what is missing is one of those that would', () => {
    expect(missing('contactInsert', ['firstName'])).toEqual(['email or phone', 'lastName']);
    expect(missing('contactInsert', ['Mobile Phone', 'Surname'])).toEqual([]);
    expect(missing('contactUpdate', ['jobTitle'])).toEqual(['entityId, email or phone']);
    expect(missing('contactUpdate', ['Entity Id'])).toEqual([]);
  });
});

describe('GIVEN a row', () => {
  test('WHEN it is identified by the second field alone THEN that is its identifier', () => {
    expect(read('contactUpsert', { email: '', phone: '+258 84 123 4567', lastName: 'Tembe' })).toEqual({
      data: { phone: '+258841234567', lastName: 'Tembe' },
      uniqueIdentifier: 'phone:+258841234567',
    });
  });

  test('WHEN nothing identifies it THEN the error names what would', () => {
    expect(read('contactUpdate', { email: '', phone: ' ', jobTitle: 'CEO' })).toEqual({
      errors: [expect.objectContaining({ code: 'identifier_missing', column: 'entityId' })],
    });
  });

  test('WHEN a cell is empty THEN its field is untouched, or cleared where that is asked for', () => {
    const cells = { email: 'a@example.org', jobTitle: ' ', city: 'Beira' };
    expect(read('contactUpdate', cells)).toMatchObject({ data: { email: 'a@example.org', city: 'Beira' } });
    expect(read('contactUpdate', cells, true)).toMatchObject({
      data: { email: 'a@example.org', jobTitle: null, city: 'Beira' },
    });
  });

  test('GIVEN a key that only later records brought WHEN it is to clear fields THEN an earlier record clears none by it', () => {
    const headers = ['email', 'jobTitle'];
    const reader = createRowReader(requireProcess('contactUpdate'), headers, {}, true);
    headers.push('city');
    expect(reader.read(['a@example.org', ''])).toMatchObject({ data: { email: 'a@example.org', jobTitle: null } });
    expect(reader.read(['a@example.org', ''])).not.toHaveProperty('data.city');
    expect(reader.read(['a@example.org', '', ''])).toMatchObject({ data: { jobTitle: null, city: null } });
  });

  test('WHEN its record lacks the key THEN nothing is cleared, since nobody emptied it', () => {
    expect(read('contactUpdate', { email: 'a@example.org', jobTitle: '' }, true, new Set([1]))).toEqual({
      data: { email: 'a@example.org' },
      uniqueIdentifier: 'email:a@example.org',
    });
  });

  test('WHEN it would clear what an entity is never without, or all that it is found by, THEN it says so', () => {
    expect(read('contactUpdate', { entityId: id, email: '', phone: '', lastName: '' }, true)).toEqual({
      errors: ['email', 'phone', 'lastName'].map((name) =>
        expect.objectContaining({ code: 'cannot_clear', column: name }),
      ),
    });
    expect(read('contactUpdate', { entityId: id, email: 'a@example.org', phone: '' }, true)).toMatchObject({
      data: { phone: null },
    });
  });
});
