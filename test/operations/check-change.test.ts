import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../lambdas/model/problem.ts';
import { checkChange } from '../../lambdas/operations/check-change.ts';
import { submittedRecords } from '../../lambdas/operations/submitted-sheet.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';

type Change = Parameters<typeof checkChange>[1];

/** The paths of all that is refused. */
function refused(processName: string, change: Change): string[] {
  try {
    checkChange(requireProcess(processName), change);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return (error.members.errors as { path: string }[]).map(({ path }) => path);
  }
}

const entityIds = ['0f8fad5b-d9cb-469f-a165-70867728950e'];

describe('GIVEN a change', () => {
  it.each<[string, Change, string[]]>([
    ['contactUpdate', { entityIds, fieldsToUpdate: { city: 'Beira', newsletter: true } }, []],
    ['contactDelete', { entityIds }, []],
    ['contactUpsert', { clearEmpty: true }, []],
    ['contactUpdate', { entityIds, fieldsToUpdate: { city: '' }, clearEmpty: true }, []],
    ['contactUpdate', { entityIds, fieldsToUpdate: { city: ' ' } }, ['fieldsToUpdate.city']],
    [
      'contactUpdate',
      { entityIds, fieldsToUpdate: { entityId: 'x', shoeSize: 1 } },
      ['fieldsToUpdate.entityId', 'fieldsToUpdate.shoeSize'],
    ],
    ['contactUpdate', { entityIds }, ['fieldsToUpdate']],
    ['contactUpdate', { fieldsToUpdate: { city: 'Beira' } }, ['fieldsToUpdate']],
    ['contactDelete', { entityIds, fieldsToUpdate: { email: 'a@example.org' } }, ['fieldsToUpdate']],
    ['contactInsert', { entityIds, clearEmpty: true }, ['entityIds', 'clearEmpty']],
    ['facilityCreation', { entityIds }, ['entityIds']],
  ])('WHEN %s is asked for %j THEN %j are refused', (processName, change, paths) => {
    expect(refused(processName, change)).toEqual(paths);
  });

  it('WHEN it is one for many entities THEN it stands for a record of each', () => {
    const body = {
      referenceId: 'r',
      processName: 'contactUpdate',
      entityIds: ['a', 'b'],
      fieldsToUpdate: { city: 'Beira' },
    };
    expect(submittedRecords(body)).toEqual([
      { entityId: 'a', city: 'Beira' },
      { entityId: 'b', city: 'Beira' },
    ]);
  });
});
