import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { concurrently } from '../../lambdas/store/concurrently.ts';
import type { Interception } from '../../local/faults/aws-interceptor.ts';
import { type BootedStack, bootStack } from '../support/boot-stack.ts';
import { type Created, RollcallClient, UnexpectedAnswer } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { leaveEarlierRows } from '../support/earlier-rows.ts';
import { expectExactlyOnce } from '../support/entities.ts';
import { facility, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { describeWrite, Saboteur, type Write } from '../support/saboteur.ts';
import { records } from '../support/sheet-files.ts';

/** Cases at a time: enough to hide their waiting, few enough not to starve two cores. */
const casesAtATime = 8;
/** How often these write depends on time, so only their first write is a point that each case has for sure. */
const polling = new Set(['measure-progress', 'check-action', 'settle-chunk']);

/** These write when the action has ended, so perhaps after this has looked; `test/store/account-days.test.ts` repeats them. */
const afterwards = new Set(['count-action']);

const saboteur = new Saboteur();
let stack: BootedStack;
let client: RollcallClient;
beforeAll(async () => {
  stack = await bootStack(inject('assembly'), { interceptor: saboteur.interceptor, redeliverAfterSeconds: 1 });
  client = new RollcallClient(stack.address);
});
afterAll(() => stack.local.stop());

/** A small action in which everything happens that may happen to a row; its reference is its mark. */
async function runCase(sabotage?: { at: Write; how: Interception }): Promise<string> {
  const referenceId = newReference();
  const named = (name: string) => `${referenceId} ${name}`;
  await leaveEarlierRows(stack.address, stack.local.outputs, referenceId, {
    succeeded: [facility(named('known'))],
    failed: [facility(named('corrected'), { capacity: '1' }), facility(named('revived'), { capacity: '2' })],
  });
  saboteur.watch(referenceId, sabotage);
  const sheet = facilitySheet([
    facility(named('new')),
    facility(named('corrected'), { capacity: '10' }),
    facility(named('known')),
    facility(named('new'), { capacity: '5' }),
    facility(named('invalid'), { capacity: 'x' }),
  ]);
  const body = { referenceId, processName: 'facilityCreation', onInvalidRow: 'skip', records: records(sheet) };
  const actionId = await submitUntilTaken(body, referenceId);

  const { action } = await expectConserved(client, actionId, sheet);
  expect(action).toMatchObject({
    status: 'completed_with_failures',
    counts: { rows: 5, created: 2, known: 1, duplicate: 1, invalid: 1 },
    revived: { rows: 1, created: 1, failed: 0 },
  });
  const entities = await expectExactlyOnce(stack.address, client, { entity: 'facility', referenceId });
  const capacities = Object.fromEntries(
    entities.map(({ uniqueIdentifier, data }) => [uniqueIdentifier.slice(referenceId.length + 1), data.capacity]),
  );
  expect(capacities).toEqual({ new: 1200, corrected: 10, revived: 2 });
  return referenceId;
}

/** A client whose request was cut off midway sends it again under the same Idempotency-Key. */
async function submitUntilTaken(body: unknown, idempotencyKey: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const answer = await client.post<Created>('/api/bulk-actions', body, { 'idempotency-key': idempotencyKey });
    if (answer.status === 202) return answer.body.actionId;
    if (answer.status < 500 || attempt === 3) throw new UnexpectedAnswer('POST /api/bulk-actions', answer);
    await delay(50);
  }
}

/**
 * A kill after one write leaves what a kill before the function's next one would, so each function is killed before its
 * first write and after every one.
 */
it('GIVEN an action WHEN any function is killed before or after any one of its writes THEN every row is still answered once', async () => {
  const undisturbed = saboteur.writesOf(await runCase());
  const points = undisturbed.filter(
    ({ functionName, occurrence }) => !afterwards.has(functionName) && (!polling.has(functionName) || occurrence === 1),
  );
  // What the case is worth rests on its writes: one of each function that writes on the way.
  expect([...new Set(points.map(({ functionName }) => functionName))].sort()).toEqual([
    'check-action',
    'check-mappings',
    'claim-mapping',
    'claim-reference',
    'collect-mappings',
    'create-bulk-action',
    'dispatch-chunk',
    'enter-mapping',
    'finish-action',
    'identify-chunk',
    'map-batches',
    'measure-progress',
    'note-mapping',
    'process-batch',
    'revive-rows',
    'settle-chunk',
    'stage-sheet',
    'start-action',
    'write-report',
  ]);
  const cases = points.flatMap((at, index) => [
    ...(points.findIndex(({ functionName }) => functionName === at.functionName) === index
      ? [{ at, how: 'kill-before' as const }]
      : []),
    { at, how: 'kill-after' as const },
  ]);
  const errors: Error[] = [];
  await concurrently(cases, casesAtATime, async (sabotage) => {
    const name = `${sabotage.how} ${describeWrite(sabotage.at)}`;
    try {
      expect(saboteur.hasStruck(await runCase(sabotage)), `${name} never struck`).toBe(true);
    } catch (error) {
      errors.push(new Error(name, { cause: error }));
    }
  });
  if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('; '));
}, 1_200_000);
