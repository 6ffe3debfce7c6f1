import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noCounts } from '../../lambdas/model/action.ts';
import { startMapping } from '../../lambdas/operations/start-mapping.ts';
import type { MappingExecutions } from '../../lambdas/store/mapping-executions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

/** Step Functions as far as it is needed here: a name is started once, and runs until it is ended. */
class Machine implements Pick<MappingExecutions, 'arnOf' | 'start' | 'isRunning'> {
  readonly started: string[] = [];
  readonly ended = new Set<string>();
  /** What happens before the caller learns of the start. */
  onStart: (execution: string) => Promise<void> = async () => {};

  arnOf(name: string): string {
    return `arn:run:${name}`;
  }

  async start(name: string): Promise<void> {
    const execution = this.arnOf(name);
    if (this.started.includes(execution)) return;
    this.started.push(execution);
    await this.onStart(execution);
  }

  async isRunning(execution: string): Promise<boolean> {
    return this.started.includes(execution) && !this.ended.has(execution);
  }
}

async function reference() {
  const named = { accountId: 'acme', referenceId: `cmp-${randomUUID()}` };
  const action = { ...named, processName: 'facilityCreation', actionId: 'a-1' };
  await stores.references.claim(action);
  await stores.references.release(action, { clean: true, counts: noCounts });
  const machine = new Machine();
  const executions = machine as unknown as MappingExecutions;
  return { named, machine, start: () => startMapping({ ...stores, executions }, named, 600) };
}

describe('a request to map a reference', () => {
  it('GIVEN no run WHEN several come at the same moment THEN they start one between them', async () => {
    const { machine, start, named } = await reference();
    const runs = await Promise.all([start(), start(), start()]);
    expect(machine.started).toHaveLength(1);
    for (const run of runs) expect(run).toMatchObject({ status: 'running', execution: machine.started[0] });
    // Whoever asks how the mapping stands sees it run from now on.
    expect(await stores.mappingRuns.get(named)).toMatchObject({ status: 'running', execution: machine.started[0] });
  });

  it('GIVEN a run under way WHEN one comes THEN it is answered with that run', async () => {
    const { machine, start, named } = await reference();
    const { execution = '' } = await start();
    await stores.mappingRuns.claim(named, execution);
    expect(await start()).toMatchObject({ status: 'running', execution });
    expect(machine.started).toHaveLength(1);
  });

  it('GIVEN a run that has ended, or died with the mapping in its hands WHEN one comes THEN another run starts', async () => {
    const { machine, start, named } = await reference();
    const { execution: first = '' } = await start();
    await stores.mappingRuns.claim(named, first);
    await stores.mappingRuns.end(named, first, 'completed');
    machine.ended.add(first);
    const { execution: second = '' } = await start();
    await stores.mappingRuns.claim(named, second);
    machine.ended.add(second);
    await start();
    expect(new Set(machine.started).size).toBe(3);
  });

  it('GIVEN a run that is over before it is announced WHEN one comes THEN it is not taken for running', async () => {
    const { machine, start, named } = await reference();
    machine.onStart = async (execution) => {
      await stores.mappingRuns.claim(named, execution);
      await stores.mappingRuns.end(named, execution, 'completed');
      machine.ended.add(execution);
    };
    expect(await start()).toMatchObject({ status: 'completed', execution: machine.started[0] });
    expect(await stores.mappingRuns.holder(named)).toBeUndefined();
  });

  it('GIVEN a run that was stopped before it took the mapping WHEN one comes THEN its name is not in the way', async () => {
    const { machine, start } = await reference();
    const { execution = '' } = await start();
    machine.ended.add(execution);
    expect(await start()).toMatchObject({ status: 'running', execution: machine.started[1] });
  });
});
