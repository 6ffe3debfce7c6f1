import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { referenceSchema } from '../../lambdas/model/api.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { expectExactlyOnce } from '../support/entities.ts';
import { facilities, facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile, xlsxFile } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const stack = sharedStack();
const client = new RollcallClient(stack);
const processName = 'facilityCreation';

describe('GIVEN a sheet that has become entities', () => {
  const sheet = facilitySheet(facilities(250));

  it('WHEN it comes again THEN nothing is created, and ten rows more are ten entities more', async () => {
    const referenceId = newReference();
    const first = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(sheet)),
      sheet,
    );
    expect(first.action).toMatchObject({
      status: 'completed',
      counts: { created: 250 },
      batches: { total: 3, done: 3 },
    });

    const second = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, await xlsxFile(sheet)),
      sheet,
    );
    expect(second.action).toMatchObject({ status: 'completed', counts: { created: 0, known: 250 } });
    expect(second.rows.map(({ entityId }) => entityId)).toEqual(first.rows.map(({ entityId }) => entityId));

    const longer = facilitySheet(facilities(260));
    const third = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(longer)),
      longer,
    );
    expect(third.action).toMatchObject({ status: 'completed', counts: { created: 10, known: 250 } });
    await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });

    const reference = await client.read<z.infer<typeof referenceSchema>>(`/api/references/${referenceId}`);
    expect(reference.processes).toMatchObject([{ processName, lastActionId: third.action.actionId }]);
    expect(reference.processes[0]).not.toHaveProperty('runningActionId');
  });

  it('WHEN its rows come for another reference THEN they are other rows', async () => {
    const few = facilitySheet(facilities(3));
    for (const referenceId of [newReference(), newReference()]) {
      const { action } = await expectConserved(
        client,
        await client.submit({ referenceId, processName }, csvFile(few)),
        few,
      );
      expect(action.counts.created).toBe(3);
    }
  });
});

describe('GIVEN a rejected sheet', () => {
  it('WHEN a retry is asked for THEN it is refused, and the corrected sheet creates everything', async () => {
    const referenceId = newReference();
    const wrong = facilitySheet([...facilities(3), facility('Wrong', { capacity: 'x' })]);
    const rejected = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(wrong)),
      wrong,
    );
    const retry = await client.post(`/api/bulk-actions/${rejected.action.actionId}/retry`);
    expect(retry).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });

    const right = facilitySheet([...facilities(3), facility('Wrong', { capacity: '7' })]);
    const { action } = await expectConserved(
      client,
      await client.submit({ referenceId, processName }, csvFile(right)),
      right,
    );
    expect(action).toMatchObject({ status: 'completed', counts: { created: 4 }, revived: { rows: 0 } });
    await expectExactlyOnce(stack, client, { entity: 'facility', referenceId });
  });
});

describe('GIVEN a sheet of which nothing failed', () => {
  it('WHEN a retry is asked for THEN it is refused', async () => {
    const sheet = facilitySheet(facilities(1));
    const actionId = await client.submit({ referenceId: newReference(), processName }, csvFile(sheet));
    await expectConserved(client, actionId, sheet);
    const retry = await client.post(`/api/bulk-actions/${actionId}/retry`);
    expect(retry).toMatchObject({ status: 409, body: { code: 'illegal_transition', status: 409 } });
  });
});
