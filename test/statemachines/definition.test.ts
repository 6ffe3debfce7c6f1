import aslValidator from 'asl-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { LocalMachine } from './local-machine.ts';

let machine: LocalMachine;
beforeAll(async () => {
  machine = await LocalMachine.load({ chunkConcurrency: 7, deadlineSeconds: 1_000 });
});

describe('the definition of bulk-action', () => {
  it('GIVEN the synthesized stack WHEN validated THEN it is Amazon States Language', () => {
    const { isValid, errorsText } = aslValidator(machine.definition);
    expect(errorsText()).toBe('');
    expect(isValid).toBe(true);
  });

  it('GIVEN the stage settings WHEN synthesized THEN they are numbers in their places', () => {
    expect(machine.definition).toMatchObject({ TimeoutSeconds: 1_000 + 3_600 });
    const maps = [...machine.states.values()].filter(({ Type }) => Type === 'Map');
    expect(maps).toHaveLength(6);
    for (const map of maps) expect(map).toMatchObject({ MaxConcurrency: 7 });
  });

  it('GIVEN any state WHEN read THEN it says what it is for', () => {
    for (const [name, state] of machine.states) expect(state.Comment, name).toMatch(/\w[.?]$/);
  });

  it('GIVEN any task WHEN Lambda is unwell or the function dies THEN it is retried with growing, scattered pauses', () => {
    const tasks = [...machine.states].filter(([, { Type }]) => Type === 'Task');
    expect(tasks.length).toBeGreaterThan(12);
    for (const [name, { Retry }] of tasks) {
      expect(Retry, name).toMatchObject([
        { ErrorEquals: expect.arrayContaining(['Lambda.TooManyRequestsException']), JitterStrategy: 'FULL' },
        { ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' },
      ]);
    }
  });
});
