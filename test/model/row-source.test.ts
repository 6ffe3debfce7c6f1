import { describe, expect, it } from 'vitest';
import { createBulkActionSchema } from '../../lambdas/model/api.ts';
import { requestErrors } from '../../lambdas/runtime/request-errors.ts';

const file = { fileName: 'a.csv', size: 1 };
const records = [{ email: 'a@example.org' }];
const entityIds = ['0f8fad5b-d9cb-469f-a165-70867728950e'];
const columns = { Mail: 'email' };

/** The findings about a submission as a caller is told them. */
function findings(own: object) {
  const submission = { referenceId: 'cmp-1', processName: 'contactUpdate', ...own };
  const { error } = createBulkActionSchema.safeParse(submission, { reportInput: true });
  return requestErrors('body', error?.issues ?? []);
}

describe('GIVEN a submission', () => {
  it.each([
    [{ ...file, columns, sheetName: 'Second' }],
    [{ records, columns }],
    [{ entityIds, fieldsToUpdate: { city: 'Beira' } }],
  ])('WHEN its rows come from one place, as in %j, THEN nothing is found', (own) => {
    expect(findings(own)).toEqual([]);
  });

  it.each([
    [{}],
    [{ records, ...file }],
    [{ records, fileName: 'a.csv' }],
    [{ records, size: 1 }],
    [{ entityIds, fileName: 'a.csv' }],
    [{ entityIds, size: 1 }],
    [{ entityIds, records }],
  ])('WHEN they come from several places or from none, as in %j, THEN it is told to choose one', (own) => {
    const expected = 'one of `fileName` and `size`, `records`, or `entityIds`';
    expect(findings(own)).toEqual([{ in: 'body', path: '', expected, received: 'an object' }]);
  });

  it.each([
    [{ fileName: 'a.csv' }, { path: 'size', expected: 'the bytes of the sheet, with `fileName`' }],
    [{ size: 1 }, { path: 'fileName', expected: "the sheet's name, with `size`" }],
  ])('WHEN half of what announces a file is there, as in %j, THEN the other half is asked for', (own, finding) => {
    expect(findings(own)).toEqual([{ in: 'body', received: 'nothing', ...finding }]);
  });

  it.each([
    [{ entityIds, columns }, ['columns']],
    [{ entityIds, columns, sheetName: 'Second' }, ['sheetName', 'columns']],
    [{ records, sheetName: 'Second' }, ['sheetName']],
  ])('WHEN it speaks of a sheet that there is not, as in %j, THEN %j are refused', (own, paths) => {
    expect(findings(own).map(({ path }) => path)).toEqual(paths);
  });
});
