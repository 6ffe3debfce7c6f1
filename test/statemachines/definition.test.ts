import aslValidator from 'asl-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { LocalMachine } from './local-machine.ts';

const settings = { chunkConcurrency: 7, mappingConcurrency: 5, deadlineSeconds: 1_000 };

describe.each([
  { name: 'bulk-action', wayOut: 3_600, width: 7 },
  { name: 'boundary-mapping', wayOut: 1_800, width: 5 },
] as const)('the definition of $name', ({ name, wayOut, width }) => {
  let machine: LocalMachine;
  beforeAll(async () => {
    machine = await LocalMachine.load(name, settings);
  });

  it('GIVEN the synthesized stack WHEN validated THEN it is Amazon States Language', () => {
    const { isValid, errorsText } = aslValidator(machine.definition);
    expect(errorsText()).toBe('');
    expect(isValid).toBe(true);
  });

  it('GIVEN the stage settings WHEN synthesized THEN they are numbers in their places', () => {
    expect(machine.definition).toMatchObject({ TimeoutSeconds: settings.deadlineSeconds + wayOut });
    const maps = [...machine.states.values()].filter(({ Type }) => Type === 'Map');
    expect(maps.length).toBeGreaterThan(0);
    for (const map of maps) expect(map).toMatchObject({ MaxConcurrency: width });
  });

  it('GIVEN any state WHEN read THEN it says what it is for', () => {
    for (const [state, { Comment }] of machine.states) expect(Comment, state).toMatch(/\w[.?]$/);
  });

  it('GIVEN any function WHEN Lambda is unwell or it dies THEN it is retried with growing, scattered pauses', () => {
    const tasks = [...machine.states].filter(([, { Resource }]) => Resource?.startsWith('arn:aws:lambda:'));
    expect(tasks.length).toBeGreaterThan(4);
    for (const [state, { Retry }] of tasks) {
      expect(Retry, state).toMatchObject([
        { ErrorEquals: expect.arrayContaining(['Lambda.TooManyRequestsException']), JitterStrategy: 'FULL' },
        { ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' },
      ]);
    }
  });
});
