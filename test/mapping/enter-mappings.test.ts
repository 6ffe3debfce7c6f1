import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MappingScope, MappingStatus } from '../../lambdas/model/mapping.ts';
import { facilityCreation } from '../../lambdas/processes/facility-creation.ts';
import { MappingEntries } from '../../lambdas/steps/enter-mappings.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';
import { bulkAction, mappedRow } from './actions.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

const mapping = facilityCreation.mapping as NonNullable<typeof facilityCreation.mapping>;

/** A reference of its own for each test, and what is entered there. */
function newReference() {
  const referenceId = `cmp-${randomUUID()}`;
  const scope: MappingScope = { accountId: 'acme', referenceId, type: 'facility' };
  const entries = (actionId = 'a-1') => new MappingEntries(stores.mapping, bulkAction(referenceId, actionId), mapping);
  const statuses = async (uniqueIdentifier: string): Promise<Record<string, MappingStatus>> => {
    const found = await stores.mapping.ofIdentifier(scope, uniqueIdentifier);
    return Object.fromEntries(found.map(({ boundaryCode, status }) => [boundaryCode, status]));
  };
  /** The boundary API has answered for these boundaries. */
  const attached = (uniqueIdentifier: string, ...codes: string[]) =>
    stores.mapping.setMapped(
      scope,
      codes.map((boundaryCode) => ({ uniqueIdentifier, boundaryCode, mappingId: `m-${boundaryCode}` })),
    );
  return { referenceId, scope, entries, statuses, attached };
}

describe('the boundaries of a row', () => {
  it('GIVEN a new row WHEN entered THEN each boundary once is to be mapped, also when it comes twice', async () => {
    const { entries, statuses, scope } = newReference();
    await entries().enterNew([mappedRow('F1', ['B1', 'B2', 'B1'])]);
    await entries().enterNew([mappedRow('F1', ['B1', 'B2', 'B1'])]);
    expect(await statuses('F1')).toEqual({ B1: 'to_be_mapped', B2: 'to_be_mapped' });
    const [first] = await stores.mapping.ofIdentifier(scope, 'F1');
    expect(first).toMatchObject({ mappingId: null, attempts: 0, processName: 'facilityCreation' });
  });

  it('GIVEN a row out of use WHEN entered THEN it has no boundaries', async () => {
    const { entries, statuses } = newReference();
    await entries().enterNew([mappedRow('F1', ['B1'], 'Inactive')]);
    expect(await statuses('F1')).toEqual({});
  });

  it('GIVEN mapped boundaries WHEN a sheet names others THEN those go, the new ones come and the common ones stay', async () => {
    const { entries, statuses, attached } = newReference();
    await entries().enterNew([mappedRow('F1', ['B1', 'B2', 'B3'])]);
    await attached('F1', 'B1', 'B2');
    await entries('a-2').enter([mappedRow('F1', ['B2', 'B4'])]);
    expect(await statuses('F1')).toEqual({ B1: 'to_be_detached', B2: 'mapped', B4: 'to_be_mapped' });
  });

  it('GIVEN a boundary that is yet to be detached WHEN it is named again THEN it stays mapped, under its id', async () => {
    const { entries, attached, scope } = newReference();
    await entries().enterNew([mappedRow('F1', ['B1'])]);
    await attached('F1', 'B1');
    await entries('a-2').enter([mappedRow('F1', ['B1'], 'Inactive')]);
    await entries('a-3').enter([mappedRow('F1', ['B1'])]);
    expect(await stores.mapping.ofIdentifier(scope, 'F1')).toMatchObject([{ status: 'mapped', mappingId: 'm-B1' }]);
  });

  it('GIVEN a detached boundary WHEN it is named again THEN it is to be mapped by another call than the first', async () => {
    const { entries, attached, scope } = newReference();
    const pair = { uniqueIdentifier: 'F1', boundaryCode: 'B1' };
    await entries().enterNew([mappedRow('F1', ['B1'])]);
    await attached('F1', 'B1');
    await entries('a-2').enter([mappedRow('F1', ['B1'], 'Inactive')]);
    expect(await stores.mapping.setDetached(scope, [pair])).toEqual([true]);
    expect(await stores.mapping.read(scope, [pair])).toMatchObject([{ status: 'detached', mappingId: null }]);
    await entries('a-3').enter([mappedRow('F1', ['B1'])]);
    expect(await stores.mapping.read(scope, [pair])).toMatchObject([
      { status: 'to_be_mapped', mappingId: null, generation: 1 },
    ]);
  });

  it('GIVEN identifiers that hold what parts the key WHEN entered THEN they never meet', async () => {
    const { entries, statuses } = newReference();
    await entries().enterNew([mappedRow('F#1', ['B']), mappedRow('F', ['1#B']), mappedRow('F%231', ['B'])]);
    expect(await statuses('F#1')).toEqual({ B: 'to_be_mapped' });
    expect(await statuses('F')).toEqual({ '1#B': 'to_be_mapped' });
    expect(await statuses('F%231')).toEqual({ B: 'to_be_mapped' });
  });

  it('GIVEN two sheets at the same moment WHEN both enter a row THEN the row has what one of them wanted, or both', async () => {
    const { entries, statuses, attached } = newReference();
    await entries().enterNew([mappedRow('F1', ['B1', 'B2'])]);
    await attached('F1', 'B1', 'B2');
    await Promise.all([
      entries('a-2').enter([mappedRow('F1', ['B1'])]),
      entries('a-3').enter([mappedRow('F1', ['B1', 'B3'])]),
    ]);
    const { B1, B2 } = await statuses('F1');
    expect([B1, B2]).toEqual(['mapped', 'to_be_detached']);
  });
});

describe('the boundaries of a known row', () => {
  async function knownRow(boundaries: readonly string[]) {
    const reference = newReference();
    const scope = { ...reference.scope, type: 'facilityCreation' };
    const row = { ...mappedRow('F1', boundaries), rowNumber: 2 };
    await stores.tracking.insertPending(scope, 'a-1', [row]);
    await reference.entries().enterNew([row]);
    await stores.tracking.markSuccess(scope, 'a-1', ['F1']);
    const tracked = () => stores.tracking.readWithData(scope, ['F1']);
    return { ...reference, tracked };
  }

  it('GIVEN the same boundaries in another order WHEN the row comes again THEN nothing is looked at', async () => {
    const { entries, tracked, statuses } = await knownRow(['B1', 'B2']);
    await entries('a-2').enterKnown(stores.tracking, [mappedRow('F1', ['B2', 'B1'])], await tracked());
    expect((await tracked()).get('F1')).not.toHaveProperty('boundaries');
    expect(await statuses('F1')).toEqual({ B1: 'to_be_mapped', B2: 'to_be_mapped' });
  });

  it('GIVEN other boundaries WHEN the row comes again THEN they are entered and remembered, its values are not', async () => {
    const { entries, tracked, statuses } = await knownRow(['B1']);
    await entries('a-2').enterKnown(stores.tracking, [mappedRow('F1', ['B2'])], await tracked());
    expect(await statuses('F1')).toEqual({ B2: 'to_be_mapped' });
    const row = (await tracked()).get('F1');
    expect(row).toMatchObject({ boundaries: ['B2'], data: { boundaryCode: ['B1'] } });
    // The next sheet is compared with what was wanted last.
    await entries('a-3').enterKnown(stores.tracking, [mappedRow('F1', ['B1'])], await tracked());
    expect(await statuses('F1')).toEqual({ B1: 'to_be_mapped' });
  });
});
