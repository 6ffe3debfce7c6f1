import { beforeAll, describe, expect, it } from 'vitest';
import { listCapacity } from '../../lambdas/steps/collect-mappings.ts';
import { type Answer, type Answers, LocalMachine, type Run } from './local-machine.ts';

const input = { accountId: 'acme', referenceId: 'cmp-1', until: '2030-01-01T00:00:00.000Z' };
const finished = { done: true, from: 250, left: 0, worthRetrying: 0, retryAfterSeconds: 0 };
const lists = ['attach-0000', 'detach-0001'].map((name) => ({
  key: `mapping/acme/cmp-1/x/0/${name}.ndjson`,
  direction: name.slice(0, 6),
  processName: 'facilityCreation',
  type: 'facility',
}));

/** A reference with something to attach and something to detach, in which all goes well. */
const smooth: Answers = {
  'claim-mapping': () => ({ outcome: 'claimed', waitSeconds: 0 }),
  'collect-mappings': () => ({ lists }),
  'map-batches': () => finished,
  'check-mappings': ({ cycle }) => ({ outcome: 'completed', waitSeconds: 0, cycle: cycle + 1 }),
};

/** Goes again until so many cycles are over. */
function again(cycles: number): Answer {
  return ({ cycle }) => ({ outcome: cycle < cycles - 1 ? 'again' : 'failed', waitSeconds: 2, cycle: cycle + 1 });
}

const broken = () => {
  throw Object.assign(new Error('cause'), { name: 'SomethingBroke' });
};

let machine: LocalMachine;
beforeAll(async () => {
  machine = await LocalMachine.load('boundary-mapping');
});

const calledIn = (run: Run) => run.calls.map((call) => call.called);
const inputsOf = (run: Run, state: string) =>
  run.calls.filter((call) => call.state === state).map((call) => call.input);

describe('a run of boundary-mapping', () => {
  it('GIVEN lists in which all goes well WHEN it runs THEN each is worked on once and the final check ends it', async () => {
    const run = await machine.run(smooth, input);
    expect(run.failure).toBeUndefined();
    const steps = ['claim-mapping', 'collect-mappings', 'map-batches', 'map-batches', 'check-mappings'];
    expect(calledIn(run)).toEqual(steps);
    expect(inputsOf(run, 'MapBatches').map(({ list }) => list)).toEqual(lists);
    expect(inputsOf(run, 'CheckMappings')).toMatchObject([{ ...input, cycle: 0, results: [finished, finished] }]);
  });

  it('GIVEN nothing to do WHEN it runs THEN it goes straight to the final check', async () => {
    const run = await machine.run({ ...smooth, 'collect-mappings': () => ({ lists: [] }) }, input);
    expect(calledIn(run)).toEqual(['claim-mapping', 'collect-mappings', 'check-mappings']);
  });

  it('GIVEN another run of the reference WHEN it has ended THEN this one collects, and not before', async () => {
    const claim: Answer = (_, call) => ({ outcome: call < 3 ? 'busy' : 'claimed', waitSeconds: 5 });
    const run = await machine.run({ ...smooth, 'claim-mapping': claim }, input);
    expect(calledIn(run).slice(0, 4)).toEqual([...Array(3).fill('claim-mapping'), 'collect-mappings']);
    expect(run.path.filter((state) => state === 'WaitForMapping')).toHaveLength(2);
  });

  it('GIVEN a list that outlasts a function WHEN it comes again THEN where it left off, in the same cycle', async () => {
    const map: Answer = ({ progress }) =>
      progress.from < 200 ? { ...finished, done: false, from: progress.from + 100 } : finished;
    const one = { ...smooth, 'collect-mappings': () => ({ lists: lists.slice(1) }), 'map-batches': map };
    const run = await machine.run(one, input);
    expect(inputsOf(run, 'MapBatches').map(({ progress }) => progress.from)).toEqual([0, 100, 200]);
    expect(inputsOf(run, 'CheckMappings')).toHaveLength(1);
  });

  it('GIVEN something left WHEN another cycle is worth it THEN it waits, counts on and collects anew', async () => {
    const run = await machine.run({ ...smooth, 'check-mappings': again(3) }, input);
    expect(run.failure).toBeUndefined();
    expect(inputsOf(run, 'CollectMappings').map(({ cycle }) => cycle)).toEqual([0, 1, 2]);
    expect(run.path.filter((state) => state === 'WaitBeforeCycle')).toHaveLength(2);
  });

  it.each(['claim-mapping', 'collect-mappings', 'map-batches', 'check-mappings'] as const)(
    'GIVEN %s failing for good WHEN it runs THEN the mapping is set free and the execution fails',
    async (name) => {
      const run = await machine.run({ ...smooth, [name]: broken }, input);
      expect(run.path.slice(-2)).toEqual(['FailMapping', 'Broken']);
      expect(inputsOf(run, 'FailMapping')[0]).toMatchObject({ ...input, execution: expect.stringContaining(':run') });
      expect(run.failure?.message).toContain('stopped by an error');
    },
  );

  it('GIVEN fail-mapping itself failing WHEN a step fails THEN the execution fails and does not hang', async () => {
    const run = await machine.run({ ...smooth, 'collect-mappings': broken, 'fail-mapping': broken }, input);
    expect(run.path.at(-1)).toBe('Broken');
  });
});

describe('the largest run of boundary-mapping', () => {
  it('GIVEN twelve million pairs and as many cycles as a stage may have WHEN it runs THEN history and state stay within the limits', async () => {
    const longest = `mapping/${'a'.repeat(63)}/${'r'.repeat(128)}/${'x'.repeat(80)}/19`;
    const many: unknown[] = [];
    for (let pairs = 12_000_000; pairs > 0; pairs -= listCapacity(many.length - 1)) {
      many.push({ ...lists[0], key: `${longest}/attach-${many.length}.ndjson` });
    }
    const largest = { ...smooth, 'collect-mappings': () => ({ lists: many }), 'check-mappings': again(20) };
    const run = await machine.run(largest, input);
    expect(run.failure).toBeUndefined();
    expect(run.historyEvents).toBeLessThan(25_000);
    expect(run.largestPayload).toBeLessThan(256 * 1024);
  });
});
