import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { concurrently } from '../../lambdas/store/concurrently.ts';
import type { Interception } from '../../local/faults/aws-interceptor.ts';
import { type BootedStack, bootStack } from '../support/boot-stack.ts';
import { RollcallClient } from '../support/client.ts';
import { documents } from '../support/entities.ts';
import { facility } from '../support/facilities.ts';
import { mappingsOf, standing } from '../support/mappings.ts';
import { newReference } from '../support/references.ts';
import { describeWrite, Saboteur, type Write } from '../support/saboteur.ts';

const casesAtATime = 6;
/** The functions whose writes decide about mappings. */
const mapping = [
  'identify-chunk',
  'enter-mapping',
  'claim-mapping',
  'collect-mappings',
  'map-batches',
  'check-mappings',
];

const saboteur = new Saboteur();
let stack: BootedStack;
let client: RollcallClient;
beforeAll(async () => {
  stack = await bootStack(inject('assembly'), { interceptor: saboteur.interceptor, duplicateDeliveries: true });
  client = new RollcallClient(stack.address);
});
afterAll(() => stack.local.stop());

/** Facilities at boundaries, then a sheet that moves one and retires one; its reference is its mark. */
async function moveFacilities(sabotage?: { at: Write; how: Interception }): Promise<string> {
  const referenceId = newReference();
  const named = (name: string) => `${referenceId} ${name}`;
  const run = async (rows: ReturnType<typeof facility>[]) =>
    client.ended(await client.submitRecords({ referenceId, processName: 'facilityCreation' }, rows));
  const retired = facility(named('retires'), { boundaryCode: 'B1' });
  await run([facility(named('moves'), { boundaryCode: 'B1,B2' }), retired]);

  saboteur.watch(referenceId, sabotage);
  const second = await run([
    facility(named('moves'), { boundaryCode: 'B2,B3' }),
    { ...retired, usage: 'Inactive' },
    facility(named('comes'), { boundaryCode: 'B3' }),
  ]);
  expect(second).toMatchObject({
    status: 'completed',
    counts: { created: 1, known: 2 },
    mapping: { toBeMapped: 0, mapped: 3, toBeDetached: 0, detached: 2, failed: 0 },
  });
  const mappings = await mappingsOf(client, referenceId);
  expect(standing(mappings).map((line) => line.slice(referenceId.length + 1))).toEqual([
    'comes B3: mapped',
    'moves B1: detached',
    'moves B2: mapped',
    'moves B3: mapped',
    'retires B1: detached',
  ]);
  // What the boundary API holds is what the mappings say, and nothing more.
  const held = mappings.flatMap(({ mappingId }) => mappingId ?? []);
  expect((await attachedIds(referenceId)).sort()).toEqual(held.sort());
  return referenceId;
}

/** The ids of the mappings that the embedded boundary API holds. */
async function attachedIds(referenceId: string): Promise<string[]> {
  const { resources } = stack.address;
  if (!resources) throw new Error('The stack was booted here, so its tables are known');
  const pages = paginateScan(
    { client: documents(resources) },
    {
      TableName: resources.registryTable,
      FilterExpression: 'contains(pk, :kind) AND referenceId = :reference',
      ExpressionAttributeValues: { ':kind': '#mapping:', ':reference': referenceId },
      ConsistentRead: true,
    },
  );
  const found: string[] = [];
  for await (const { Items = [] } of pages) found.push(...Items.map(({ sk }) => String(sk)));
  return found;
}

describe('GIVEN mappings and every event twice', () => {
  it('WHEN a function is killed before or after any write THEN each pair stands as the sheets said, once', async () => {
    const points = saboteur
      .writesOf(await moveFacilities())
      .filter(({ functionName }) => mapping.includes(functionName));
    expect(new Set(points.map(({ functionName }) => functionName))).toEqual(new Set(mapping));
    // A kill after one write leaves what a kill before the next one would.
    const first = points.filter((at, i) => points.findIndex((one) => one.functionName === at.functionName) === i);
    const cases = [
      ...first.map((at) => ({ at, how: 'kill-before' as const })),
      ...points.map((at) => ({ at, how: 'kill-after' as const })),
    ];
    const errors: Error[] = [];
    await concurrently(cases, casesAtATime, async (sabotage) => {
      const name = `${sabotage.how} ${describeWrite(sabotage.at)}`;
      try {
        expect(saboteur.hasStruck(await moveFacilities(sabotage)), `${name} never struck`).toBe(true);
      } catch (error) {
        errors.push(new Error(name, { cause: error }));
      }
    });
    if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('; '));
  }, 600_000);
});
