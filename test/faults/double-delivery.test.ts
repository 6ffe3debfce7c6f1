import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type BootedStack, bootStack } from '../support/boot-stack.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { leaveEarlierRows } from '../support/earlier-rows.ts';
import { expectExactlyOnce } from '../support/entities.ts';
import { facilities, facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';

const processName = 'facilityCreation';

let stack: BootedStack;
let client: RollcallClient;
beforeAll(async () => {
  stack = await bootStack(inject('assembly'), { duplicateDeliveries: true });
  client = new RollcallClient(stack.address);
});
afterAll(() => stack.local.stop());

describe('GIVEN that every message and every event is delivered twice', () => {
  it('WHEN a sheet of many batches is submitted THEN each row is one entity and counted once', async () => {
    const referenceId = newReference();
    const sheet = facilitySheet([...facilities(750), facility('Facility 1'), facility('Wrong', { capacity: '' })]);
    const submission = { referenceId, processName, onInvalidRow: 'skip' } as const;
    const first = await expectConserved(client, await client.submit(submission, csvFile(sheet)), sheet);
    expect(first.action).toMatchObject({
      counts: { created: 750, duplicate: 1, invalid: 1 },
      batches: { total: 8, done: 8 },
    });
    const again = await expectConserved(client, await client.submit(submission, csvFile(sheet)), sheet);
    expect(again.action).toMatchObject({ counts: { created: 0, known: 750, duplicate: 1, invalid: 1 } });
    await stack.local.waitUntilIdle();
    expect(await client.action(first.action.actionId)).toEqual(first.action);
    expect(await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId })).toHaveLength(750);
  });

  it('WHEN failed rows are taken up THEN they too are created once', async () => {
    const referenceId = newReference();
    const failed = facilities(120).map((row) => ({ ...row, capacity: '1' }));
    await leaveEarlierRows(stack.address, stack.local.outputs, referenceId, { succeeded: [], failed });
    const sheet = facilitySheet(facilities(60));
    const { action } = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(sheet)),
      sheet,
    );
    expect(action).toMatchObject({
      status: 'completed',
      counts: { created: 60 },
      revived: { rows: 60, created: 60, failed: 0 },
    });
    const entities = await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
    const capacities = entities.map(({ data }) => data.capacity);
    expect([capacities.filter((capacity) => capacity === 1200).length, entities.length]).toEqual([60, 120]);
  });
});
