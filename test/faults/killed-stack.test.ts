import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import type { BulkActionView } from '../../lambdas/model/api.ts';
import { RollcallClient } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { expectExactlyOnce } from '../support/entities.ts';
import { facilities, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile } from '../support/sheet-files.ts';
import type { StackAddress } from '../support/stack-address.ts';

const program = join(import.meta.dirname, '../support/run-stack.ts');

let state: string;
let running: ChildProcess | undefined;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'rollcall-state-'));
});
afterEach(async () => {
  await kill();
  await rm(state, { recursive: true });
});

/** Starts the stack as a process of its own. */
async function start(): Promise<StackAddress> {
  const child = spawn(process.execPath, [program, inject('assembly'), state], { stdio: ['ignore', 'pipe', 'inherit'] });
  running = child;
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  throw new Error('The stack ended before it had started.');
}

/** As an operating system that is out of memory does it. */
async function kill(): Promise<void> {
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  const gone = once(running, 'exit');
  running.kill('SIGKILL');
  await gone;
}

it('GIVEN an action WHEN the whole stack is killed again and again THEN it goes on and every row is answered once', async () => {
  const referenceId = newReference();
  const sheet = facilitySheet(facilities(1_200));
  let address = await start();
  let client = new RollcallClient(address);
  const actionId = await client.submit({ referenceId, processName: 'facilityCreation' }, csvFile(sheet));

  const moments: ((action: BulkActionView) => boolean)[] = [
    () => true,
    ({ startedAt }) => startedAt !== undefined,
    ({ batches }) => batches.done >= 2,
    ({ batches }) => batches.done >= 6,
    ({ batches }) => batches.total > 0 && batches.done === batches.total,
  ];
  for (const moment of moments) {
    await client.until(actionId, moment);
    await kill();
    address = await start();
    client = new RollcallClient(address);
  }

  const { action } = await expectConserved(client, actionId, sheet);
  expect(action).toMatchObject({ status: 'completed', counts: { rows: 1_200, created: 1_200 } });
  expect(await expectExactlyOnce(address, client, { entity: 'facility', referenceId })).toHaveLength(1_200);
  const again = await expectConserved(
    client,
    await client.submit({ referenceId, processName: 'facilityCreation' }, csvFile(sheet)),
    sheet,
  );
  expect(again.action).toMatchObject({ status: 'completed', counts: { known: 1_200 } });
}, 600_000);
