import { describe, expect, test } from 'vitest';
import { processSchema } from '../../lambdas/model/api.ts';
import { optional } from '../../lambdas/processes/cell.ts';
import { text } from '../../lambdas/processes/columns.ts';
import { column, defineProcess } from '../../lambdas/processes/define-process.ts';
import { describeProcess } from '../../lambdas/processes/describe.ts';
import { facilityCreation } from '../../lambdas/processes/facility-creation.ts';
import { allProcesses, findProcess, registry } from '../../lambdas/processes/registry.ts';
import { userCreation } from '../../lambdas/processes/user-creation.ts';
import { createRowReader } from '../../lambdas/processes/validate-row.ts';

const statement = {
  name: 'boxCreation',
  title: 'Boxes',
  entity: 'box',
  action: 'insert',
  columns: { label: column(text(1, 9), { description: 'What stands on it.', example: 'Fragile' }) },
  uniqueColumn: 'label',
  uniqueIdentifier: (row: { label: string }) => row.label,
  onInvalidRow: 'reject',
  onFailedRow: 'fail',
} as const;

describe('registry', () => {
  test('GIVEN two processes of one name WHEN registered THEN it refuses, naming them', () => {
    expect(() => registry([facilityCreation, userCreation, facilityCreation])).toThrow(/facilityCreation/);
  });

  test('GIVEN a reference to what no process makes for a whole account WHEN registered THEN it refuses, naming both', () => {
    const boxes = defineProcess({ ...statement, references: { label: { entity: 'shelf' } } });
    const shelves = { ...statement, name: 'shelfCreation', entity: 'shelf' } as const;
    expect(() => registry([boxes, defineProcess(shelves)])).toThrow(/boxCreation.*shelf/);
    expect(registry([boxes, defineProcess({ ...shelves, entityScope: 'account' })]).size).toBe(2);
  });

  test("GIVEN a hierarchy of something that is not its account's WHEN defined THEN it refuses", () => {
    const nested = { ...statement, parent: (row: { label: string }) => row.label };
    expect(() => defineProcess(nested)).toThrow(/boxCreation.*account/);
    expect(() => defineProcess({ ...nested, entityScope: 'account' })).not.toThrow();
  });

  test('GIVEN a name WHEN looked up THEN only that very name finds it', () => {
    expect(findProcess('facilityCreation')).toBe(facilityCreation);
    expect(findProcess('FacilityCreation')).toBeUndefined();
    expect(findProcess('__proto__')).toBeUndefined();
  });

  test.each(allProcesses().map((process) => [process.name, process] as const))(
    'GIVEN %s WHEN described THEN the view is what the API promises, and its examples are a valid row',
    (_, process) => {
      const view = describeProcess(process);
      expect(processSchema.parse(view)).toEqual(view);
      const reader = createRowReader(
        process,
        view.columns.map(({ name }) => name),
      );
      expect(reader.read(view.columns.map(({ example }) => example))).toHaveProperty('data');
    },
  );

  test('GIVEN usage Inactive WHEN asked for boundaries THEN the row is not active', () => {
    expect(facilityCreation.mapping?.active?.({ usage: 'Inactive' })).toBe(false);
    expect(userCreation.mapping?.active?.({ usage: 'Active' })).toBe(true);
  });
});

describe('defineProcess', () => {
  test('GIVEN a unique column that may be empty WHEN defined THEN it refuses', () => {
    const label = column(optional(text(1, 9)), { description: 'What stands on it.', example: 'Fragile' });
    const define = () => defineProcess({ ...statement, columns: { label }, uniqueIdentifier: () => '' });
    expect(define).toThrow(/unique column label/);
  });

  test('GIVEN an example that its column refuses WHEN defined THEN it refuses', () => {
    const label = column(text(1, 9), { description: 'What stands on it.', example: 'This side up' });
    expect(() => defineProcess({ ...statement, columns: { label } })).toThrow(/example of label/);
  });

  test('GIVEN an alias that is another column WHEN defined THEN it refuses', () => {
    const columns = {
      ...statement.columns,
      size: column(text(1, 9), { description: 'How large it is.', example: 'L', aliases: ['LABEL'] }),
    };
    expect(() => defineProcess({ ...statement, columns })).toThrow(/label and size/);
  });
});
