import { describe, expect, it } from 'vitest';
import { RollcallClient } from '../support/client.ts';
import { facility } from '../support/facilities.ts';
import { mappingEnded, mappingsOf, type ReferenceView, standing } from '../support/mappings.ts';
import { newReference } from '../support/references.ts';
import { sharedStack } from '../support/stack-address.ts';

const client = new RollcallClient(sharedStack());
const processName = 'facilityCreation';

/** Submits facilities and waits for the end, mapping included. */
async function run(referenceId: string, rows: ReturnType<typeof facility>[]) {
  return client.ended(await client.submitRecords({ referenceId, processName }, rows));
}

describe('GIVEN facilities at their boundaries', () => {
  it('WHEN sheets move, retire and bring back some THEN each pair stands as the last sheet that had it said', async () => {
    const referenceId = newReference();
    const first = await run(referenceId, [
      facility('Moves', { boundaryCode: 'B1,B2' }),
      facility('Retires', { boundaryCode: 'B1' }),
      facility('Stays', { boundaryCode: 'B1;B3' }),
    ]);
    expect(first).toMatchObject({
      status: 'completed',
      counts: { created: 3 },
      mapping: { toBeMapped: 0, mapped: 5, toBeDetached: 0, detached: 0, failed: 0 },
    });
    const mappings = await mappingsOf(client, referenceId);
    expect(mappings.every(({ mappingId, type }) => mappingId !== null && type === 'facility')).toBe(true);

    const second = await run(referenceId, [
      facility('Moves', { boundaryCode: 'B2,B4' }),
      facility('Retires', { boundaryCode: 'B1', usage: 'Inactive' }),
    ]);
    expect(second).toMatchObject({ status: 'completed', counts: { known: 2 }, mapping: { mapped: 4, detached: 2 } });
    expect(standing(await mappingsOf(client, referenceId))).toEqual([
      'Moves B1: detached',
      'Moves B2: mapped',
      'Moves B4: mapped',
      'Retires B1: detached',
      'Stays B1: mapped',
      'Stays B3: mapped',
    ]);
    const retired = await mappingsOf(client, referenceId, 'status=detached&boundaryCode=B1&type=facility');
    expect(standing(retired)).toEqual(['Moves B1: detached', 'Retires B1: detached']);
    expect(retired.map(({ mappingId }) => mappingId)).toEqual([null, null]);

    const third = await run(referenceId, [facility('Retires', { boundaryCode: 'B1' })]);
    expect(third.mapping).toMatchObject({ mapped: 5, detached: 1 });
    const reference = await client.read<ReferenceView>(`/api/references/${referenceId}`);
    expect(reference.mapping).toMatchObject({
      status: 'completed',
      figures: [{ type: 'facility', toBeMapped: 0, mapped: 5, toBeDetached: 0, detached: 1, failed: 0 }],
    });
  });

  it('WHEN the same sheet comes again THEN no mapping changes and none gets another id', async () => {
    const referenceId = newReference();
    const rows = Array.from({ length: 130 }, (_, index) => facility(`F${index}`));
    await run(referenceId, rows);
    const before = await mappingsOf(client, referenceId);
    expect(before).toHaveLength(260);
    expect(await run(referenceId, rows)).toMatchObject({ counts: { known: 130 }, mapping: { mapped: 260 } });
    expect(new Set(await mappingsOf(client, referenceId))).toEqual(new Set(before));
  });

  it('WHEN nothing of the sheet was accepted THEN nothing is mapped', async () => {
    const referenceId = newReference();
    const action = await run(referenceId, [facility('Good'), facility('Bad', { capacity: 'many' })]);
    expect(action).toMatchObject({ status: 'failed', counts: { invalid: 1, unprocessed: 1 } });
    expect(action).not.toHaveProperty('mapping');
    expect(await mappingsOf(client, referenceId)).toEqual([]);
  });
});

describe('GIVEN actions of several processes of a reference', () => {
  it('WHEN they end at the same moment THEN everything is mapped, whichever was the last', async () => {
    const references = Array.from({ length: 3 }, newReference);
    await Promise.all(
      references.map(async (referenceId) => {
        const users = Array.from({ length: 20 }, (_, index) => ({
          name: `User ${index}`,
          mobileNumber: `08412345${String(index).padStart(2, '0')}`,
          role: 'REGISTRAR',
          employmentType: 'Permanent',
          boundaryCode: 'B1',
          usage: 'Active',
        }));
        const resources = Array.from({ length: 20 }, (_, index) => ({
          pvarId: `PVAR-${index}`,
          boundaryCode: 'B1,B2',
        }));
        const actions = await Promise.all([
          client.submitRecords(
            { referenceId, processName },
            Array.from({ length: 20 }, (_, i) => facility(`F${i}`)),
          ),
          client.submitRecords({ referenceId, processName: 'userCreation' }, users),
          client.submitRecords({ referenceId, processName: 'campaignCreation' }, resources),
        ]);
        for (const actionId of actions) expect((await client.ended(actionId)).status).toBe('completed');
        const { mapping } = await mappingEnded(client, referenceId);
        expect(mapping.status).toBe('completed');
        const mappings = await mappingsOf(client, referenceId);
        expect(mappings.filter(({ status }) => status !== 'mapped')).toEqual([]);
        expect(Object.groupBy(mappings, ({ type }) => type)).toMatchObject({
          facility: { length: 40 },
          user: { length: 20 },
          resource: { length: 40 },
        });
      }),
    );
  });
});

describe('GIVEN a request to map', () => {
  // That those of one moment share a run is tried where the moment can be made: test/mapping.
  it('WHEN it comes many times THEN each is told its run, and it ends', async () => {
    const referenceId = newReference();
    await run(referenceId, [facility('F1')]);
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => client.post<ReferenceView['mapping']>(`/api/references/${referenceId}/mapping`)),
    );
    for (const { status, body } of answers) {
      expect(status).toBe(202);
      expect(body.execution).toContain('boundary-mapping');
    }
    expect(await mappingEnded(client, referenceId)).toMatchObject({ mapping: { status: 'completed' } });
  });

  it('WHEN the reference is not known, or the cursor is not ours THEN it is refused', async () => {
    const unknown = await client.post(`/api/references/${newReference()}/mapping`);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const cursor = Buffer.from('{"type":"facility","shard":99}').toString('base64url');
    for (const wrong of [cursor, 'nonsense']) {
      const answer = await client.get(`/api/references/${newReference()}/mappings?cursor=${wrong}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
  });
});
