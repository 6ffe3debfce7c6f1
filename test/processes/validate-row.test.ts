import { describe, expect, test } from 'vitest';
import { campaignCreation } from '../../lambdas/processes/campaign-creation.ts';
import { facilityCreation } from '../../lambdas/processes/facility-creation.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { userCreation } from '../../lambdas/processes/user-creation.ts';
import { createRowReader } from '../../lambdas/processes/validate-row.ts';

const facilityHeaders = ['facilityName', 'facilityType', 'facilityStatus', 'capacity', 'boundaryCode', 'usage'];
const facility = ['Alua Health Centre', 'health facility', 'PERMANENT', '12.0', 'B1; B2,B1', 'active'];

describe('headers', () => {
  test('GIVEN headers in many spellings WHEN matched THEN each finds its column', () => {
    const headers = [
      'Facility Name (Mandatory)',
      'FACILITY_TYPE*',
      'facility-status',
      ' Capacity ( mandatory ) ',
      'Boundary Codes',
      'USAGE *',
    ];
    const reader = createRowReader(facilityCreation, headers);
    expect(reader).toMatchObject({ missing: [], unknown: [], conflicts: [] });
    expect([...reader.mapped]).toEqual(facilityHeaders.map((name, index) => [name, index]));
  });

  test.each(['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad'])(
    'GIVEN headers with the invisible %j in them WHEN matched THEN each finds its column all the same',
    (mark) => {
      const headers = facilityHeaders.map((header) => `${mark}${header.slice(0, 3)}${mark}${header.slice(3)} *${mark}`);
      const reader = createRowReader(facilityCreation, headers);
      expect(reader).toMatchObject({ missing: [], unknown: [], conflicts: [] });
      expect(reader.read(facility)).toMatchObject({ uniqueIdentifier: 'Alua Health Centre' });
    },
  );

  test('GIVEN required columns that are absent WHEN matched THEN all are named, optional ones are not', () => {
    const reader = createRowReader(facilityCreation, ['capacity', 'usage']);
    expect(reader.missing).toEqual(['facilityName', 'facilityType', 'facilityStatus', 'boundaryCode']);
  });

  test('GIVEN headers of nobody WHEN matched THEN they are named, less empty ones and the columns of a report', () => {
    const headers = ['#status#', ...facilityHeaders, 'Remarks', '', '#errorDetails#', '#entityId#'];
    expect(createRowReader(facilityCreation, headers).unknown).toEqual(['Remarks']);
  });

  test('GIVEN two headers for one column WHEN matched THEN both are reported', () => {
    const reader = createRowReader(facilityCreation, [...facilityHeaders, 'Facility Name', 'facility_name']);
    expect(reader.conflicts).toEqual([
      { column: 'facilityName', headers: ['facilityName', 'Facility Name', 'facility_name'] },
    ]);
  });

  test('GIVEN headers that grow while rows are read WHEN a new one is known THEN its cells count from then on', () => {
    const headers = ['pvarId'];
    const reader = createRowReader(campaignCreation, headers);
    expect(reader.missing).toEqual(['boundaryCode']);
    expect(reader.read(['P1'])).toMatchObject({ errors: [{ code: 'required', column: 'boundaryCode' }] });
    headers.push('note', 'boundaryCode');
    expect(reader).toMatchObject({ missing: [], unknown: ['note'] });
    expect(reader.read(['P1', 'x', 'B1'])).toEqual({
      data: { pvarId: 'P1', boundaryCode: ['B1'] },
      uniqueIdentifier: 'P1',
    });
  });
});

describe('rows', () => {
  test('GIVEN a valid facility WHEN read THEN its values are canonical and empty ones absent', () => {
    const reader = createRowReader(facilityCreation, [...facilityHeaders, 'latitude', 'longitude']);
    expect(reader.read([...facility, '-13.5', ''])).toEqual({
      data: {
        facilityName: 'Alua Health Centre',
        facilityType: 'Health Facility',
        facilityStatus: 'Permanent',
        capacity: 12,
        boundaryCode: ['B1', 'B2'],
        usage: 'Active',
        latitude: -13.5,
      },
      uniqueIdentifier: 'Alua Health Centre',
    });
  });

  test('GIVEN a row with everything wrong WHEN read THEN every cell says why, with its value', () => {
    const read = createRowReader(facilityCreation, [...facilityHeaders, 'latitude', 'longitude']).read([
      ' ',
      'Shed',
      'Gone',
      '0',
      ';',
      'Maybe',
      '91',
      'east',
    ]);
    const errors = 'errors' in read ? read.errors : [];
    expect(errors.map(({ column, code, value }) => [column, code, value])).toEqual([
      ['facilityName', 'required', ' '],
      ['facilityType', 'not_one_of', 'Shed'],
      ['facilityStatus', 'not_one_of', 'Gone'],
      ['capacity', 'out_of_range', '0'],
      ['boundaryCode', 'required', ';'],
      ['usage', 'not_one_of', 'Maybe'],
      ['latitude', 'out_of_range', '91'],
      ['longitude', 'not_a_number', 'east'],
    ]);
  });

  test('GIVEN cells in which nothing is to be seen WHEN read THEN they are empty', () => {
    const reader = createRowReader(facilityCreation, [...facilityHeaders, 'latitude']);
    const unseen = ' \u200b\u00ad\ufeff\t\u2060';
    expect(reader.read([unseen, ...facility.slice(1), unseen])).toMatchObject({
      errors: [{ code: 'required', column: 'facilityName' }],
    });
    expect(reader.read([...facility, unseen])).not.toMatchObject({ data: { latitude: expect.anything() } });
    expect(reader.read([...facility, unseen])).toMatchObject({ uniqueIdentifier: 'Alua Health Centre' });
  });

  test('GIVEN a cell in which nothing is to be seen WHEN empty cells clear their fields THEN it clears its field', () => {
    const reader = createRowReader(requireProcess('contactUpdate'), ['email', 'lastName', 'jobTitle'], {}, true);
    expect(reader.read(['a@example.org', 'A', '\u200b'])).toMatchObject({ data: { jobTitle: null } });
  });

  test("GIVEN damaged values WHEN read THEN those of columns are errors with the cell as it stood, others are nobody's", () => {
    const reader = createRowReader(facilityCreation, [...facilityHeaders, 'Remarks']);
    const [, ...others] = facility;
    expect(reader.read(['h\ufffd', ...others, ''])).toMatchObject({
      errors: [{ code: 'bad_character', column: 'facilityName', value: 'h\ufffd' }],
    });
    expect(reader.read([' #N/A', ...others, ''])).toMatchObject({
      errors: [{ code: 'formula_failed', column: 'facilityName', value: ' #N/A' }],
    });
    const inList = facility.map((value, index) => (facilityHeaders[index] === 'boundaryCode' ? 'B1; #N/A' : value));
    expect(reader.read([...inList, ''])).toMatchObject({
      errors: [{ code: 'formula_failed', column: 'boundaryCode', value: '#N/A' }],
    });
    for (const remark of ['#N/A', 'h\ufffd']) {
      expect(reader.read([...facility, remark])).toMatchObject({ uniqueIdentifier: 'Alua Health Centre' });
    }
  });

  test('GIVEN cells in another order than the columns WHEN read THEN each goes to its own', () => {
    const reader = createRowReader(userCreation, [
      'usage',
      'role',
      'x',
      'boundaryCode',
      'employmentType',
      'name',
      'mobileNumber',
    ]);
    expect(reader.read(['Active', 'registrar;Distributor', '?', 'B1', 'temporary', 'Amina', "'0841234567"])).toEqual({
      data: {
        name: 'Amina',
        mobileNumber: '0841234567',
        role: ['REGISTRAR', 'DISTRIBUTOR'],
        employmentType: 'Temporary',
        boundaryCode: ['B1'],
        usage: 'Active',
      },
      uniqueIdentifier: '0841234567',
    });
  });

  test('GIVEN one name in two Unicode forms WHEN read THEN the identifier is one', () => {
    const reader = createRowReader(facilityCreation, facilityHeaders);
    const [composed, decomposed] = ['S\u00e3o', ' Sa\u0303o '].map((name) => reader.read([name, ...facility.slice(1)]));
    expect(composed).toEqual(decomposed);
  });

  test('GIVEN a very long value WHEN refused THEN the error holds its beginning only', () => {
    const read = createRowReader(facilityCreation, facilityHeaders).read(['x'.repeat(30_000), ...facility.slice(1)]);
    expect(read).toMatchObject({ errors: [{ code: 'too_long', value: 'x'.repeat(200) }] });
  });

  test('GIVEN fewer cells than headers WHEN read THEN the absent ones are empty', () => {
    const read = createRowReader(facilityCreation, facilityHeaders).read(facility.slice(0, 5));
    expect(read).toMatchObject({ errors: [{ code: 'required', column: 'usage' }] });
  });

  test('GIVEN headers named like members of every object WHEN matched THEN they are merely unknown', () => {
    const reader = createRowReader(campaignCreation, ['pvarId', 'boundaryCode', '__proto__', 'constructor']);
    expect(reader.unknown).toEqual(['__proto__', 'constructor']);
    expect(reader.read(['P1', 'B1', 'x', 'y'])).toMatchObject({ uniqueIdentifier: 'P1' });
  });
});
