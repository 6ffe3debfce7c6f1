import { describe, expect, test } from 'vitest';
import { assignHeaders, columnsByName } from '../../lambdas/processes/assign-headers.ts';
import { userCreation } from '../../lambdas/processes/user-creation.ts';

const byName = columnsByName(userCreation);

describe('a mapping', () => {
  test('GIVEN a header of another name WHEN it is mapped THEN it means the column, whatever is around it', () => {
    const { mapped, absent } = assignHeaders(byName, ['Role', ' Cell phone '], { 'Cell phone': 'mobileNumber' });
    expect([...mapped]).toEqual([
      ['role', 0],
      ['mobileNumber', 1],
    ]);
    expect(absent).toEqual([]);
  });

  test('GIVEN a header that a name would have matched WHEN the mapping gives its column to another THEN the mapping wins', () => {
    const found = assignHeaders(byName, ['Name', 'Full name', 'roles'], { 'Full name': 'name' });
    expect([...found.mapped]).toEqual([
      ['name', 1],
      ['role', 2],
    ]);
    expect(found).toMatchObject({ displaced: [{ header: 'Name', column: 'name' }], unknown: [], conflicts: [] });
  });

  test('GIVEN two headers for one column WHEN one of them is ignored THEN nothing is left to doubt', () => {
    const headers = ['role', 'roles', 'Remark'];
    expect(assignHeaders(byName, headers).conflicts).toEqual([{ column: 'role', headers: ['role', 'roles'] }]);
    const found = assignHeaders(byName, headers, { roles: null, Remark: null });
    expect([...found.mapped]).toEqual([['role', 0]]);
    expect(found).toMatchObject({ conflicts: [], unknown: [], displaced: [] });
  });

  test('GIVEN headers that the sheet does not have WHEN they are mapped THEN all of them are named', () => {
    const found = assignHeaders(byName, ['name'], { Phone: 'mobileNumber', Role: 'role', Remark: null });
    expect(found.absent).toEqual(['Phone', 'Role', 'Remark']);
  });

  test('GIVEN headers that differ by case only WHEN one is mapped THEN the other is matched by name', () => {
    const found = assignHeaders(byName, ['NAME', 'name'], { name: null });
    expect([...found.mapped]).toEqual([['name', 0]]);
  });
});
