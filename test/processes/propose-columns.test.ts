import { describe, expect, test } from 'vitest';
import { contactProcesses } from '../../lambdas/processes/contact.ts';
import { facilityCreation } from '../../lambdas/processes/facility-creation.ts';
import { similarity, wordsOf } from '../../lambdas/processes/header-similarity.ts';
import { mappingOf, proposeColumns } from '../../lambdas/processes/propose-columns.ts';
import { requireProcess } from '../../lambdas/processes/registry.ts';
import { createRowReader } from '../../lambdas/processes/validate-row.ts';

const contactUpsert = requireProcess('contactUpsert');

function columns(headers: readonly string[], process = facilityCreation): (string | null)[] {
  return proposeColumns(process, headers).map(({ column }) => column);
}

describe('proposals', () => {
  test('GIVEN headers in other spellings WHEN proposed THEN each finds its column with its confidence', () => {
    const headers = ['E Mail Address', 'email', 'Fone', 'First Name', '#status#', ''];
    const proposals = proposeColumns(contactUpsert, headers);
    expect(proposals).toMatchObject([
      { header: 'E Mail Address', column: null, confidence: 'none' },
      { header: 'email', column: 'email', confidence: 'exact', score: 1 },
      { header: 'Fone', column: null, confidence: 'none', score: 0 },
      { header: 'First Name', column: 'firstName', confidence: 'exact' },
    ]);
    expect(proposeColumns(contactUpsert, ['E Mail Address'])).toMatchObject([{ column: 'email' }]);
  });

  test.each([
    ['Name of the Facility', 'facilityName'],
    ['Capcity', 'capacity'],
    ['In usage?', 'usage'],
    ['Lat.', 'latitude'],
    ['Boundary codes (all)', 'boundaryCode'],
    ['Facility Code', null],
    ['Remarks', null],
    ['', undefined],
  ])('GIVEN the header %j WHEN proposed THEN it means %s', (header, column) => {
    expect(columns([header])[0]).toBe(column);
  });

  test('GIVEN a header that means several columns equally well WHEN proposed THEN none is, and all are named', () => {
    const [proposal] = proposeColumns(facilityCreation, ['Facility']);
    expect(proposal).toMatchObject({ column: null, confidence: 'none' });
    expect(proposal?.alternatives?.map(({ column }) => column)).toEqual([
      'facilityName',
      'facilityType',
      'facilityStatus',
    ]);
  });

  test('GIVEN two headers like one column WHEN proposed THEN the better one has it, and no column is proposed twice', () => {
    expect(columns(['The capacity of it', 'Capcity'])).toEqual([null, 'capacity']);
    expect(columns(['facility_name', 'Facility Name', 'facilityName*'])).toEqual(['facilityName', null, null]);
  });

  test('GIVEN what the caller says WHEN proposed THEN that stands, and its column is not proposed again', () => {
    const given = { Bezeichnung: 'facilityName', capacity: null };
    expect(proposeColumns(facilityCreation, ['Bezeichnung', 'Facility Name', 'capacity'], given)).toMatchObject([
      { column: 'facilityName', confidence: 'given' },
      { column: null, confidence: 'none' },
      { column: null, confidence: 'given' },
    ]);
  });

  test('GIVEN proposals WHEN used as a mapping THEN the sheet is read as they say', () => {
    const headers = ['Name of the Facility', 'Remarks', 'Capcity'];
    const mapping = mappingOf(proposeColumns(facilityCreation, headers));
    expect(mapping).toEqual({ 'Name of the Facility': 'facilityName', Remarks: null, Capcity: 'capacity' });
    const reader = createRowReader(facilityCreation, headers, mapping);
    expect([...reader.mapped.keys()]).toEqual(['facilityName', 'capacity']);
    expect(reader).toMatchObject({ unknown: [], absent: [] });
  });

  test('GIVEN 256 headers of many words WHEN proposed THEN it takes no time to speak of', () => {
    const headers = Array.from({ length: 256 }, (_, index) => `a b ${index} `.repeat(60));
    expect(columns(headers, contactUpsert)).toHaveLength(256);
  });
});

describe('similarity', () => {
  test('GIVEN any two names WHEN compared THEN the order does not matter and no likeness is certain', () => {
    const names = ['email', 'E Mail Address', 'Téléphone', 'phone', 'Company', 'companyId', 'emial'].map(wordsOf);
    for (const a of names) {
      for (const b of names) {
        expect(similarity(a, b)).toBe(similarity(b, a));
        expect(similarity(a, b)).toBeLessThan(1);
      }
    }
  });

  test('GIVEN the columns of the contacts WHEN read as headers THEN each is most like itself', () => {
    for (const process of contactProcesses) {
      for (const name of Object.keys(process.columns)) expect(columns([name], process)).toEqual([name]);
    }
  });
});
