import aslValidator from 'asl-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { nothingUndone } from '../../lambdas/model/undo-steps.ts';
import { type Answers, LocalMachine, type Run } from './local-machine.ts';

const input = {
  accountId: 'acme',
  actionId: 'a-1',
  referenceId: 'cmp-1',
  attempt: 2,
  until: '2030-01-01T00:00:00.000Z',
  progress: nothingUndone,
};
const outcomes = ['busy', 'again', 'done'] as const;

/** An undoing that waits its turn once, and needs two steps. */
const smooth: Answers = {
  'undo-rows': ({ progress }, call) => ({ ...progress, outcome: outcomes[call - 1], deleted: call, waitSeconds: 1 }),
};
const broken = () => {
  throw Object.assign(new Error('cause'), { name: 'SomethingBroke' });
};

let machine: LocalMachine;
beforeAll(async () => {
  machine = await LocalMachine.load('undo-action');
});

const finishedIn = (run: Run) =>
  run.calls.filter(({ called }) => called === 'finish-undo').map((call) => call.input as unknown);

describe('a run of undo-action', () => {
  it('GIVEN the synthesized stack WHEN validated THEN it is Amazon States Language, and each state says what it is for', () => {
    expect(aslValidator(machine.definition).errorsText()).toBe('');
    for (const [state, { Comment }] of machine.states) expect(Comment, state).toMatch(/\w[.?]$/);
  });

  it('GIVEN a busy reference and many rows WHEN it runs THEN it comes again, then detaches, then finishes', async () => {
    const run = await machine.run(smooth, input);
    expect(run.failure).toBeUndefined();
    expect(run.path.filter((state) => !state.startsWith('Is'))).toEqual([
      'UndoRows',
      'WaitForReference',
      'UndoRows',
      'UndoRows',
      'DetachMappings',
      'FinishUndo',
      'Done',
    ]);
    expect(finishedIn(run)).toMatchObject([{ attempt: 2, status: 'completed', progress: { deleted: 3 } }]);
  });

  it('GIVEN a mapping that fails WHEN it runs THEN the undoing is complete all the same', async () => {
    const run = await machine.run({ ...smooth, 'boundary-mapping': broken }, input);
    expect(run.failure).toBeUndefined();
    expect(finishedIn(run)).toMatchObject([{ status: 'completed' }]);
  });

  it('GIVEN rows that cannot be undone WHEN it runs THEN it ends as failed, with what was done', async () => {
    const run = await machine.run({ 'undo-rows': broken }, input);
    expect(run.failure?.message).toContain('could not be undone');
    expect(finishedIn(run)).toMatchObject([{ status: 'failed', progress: nothingUndone }]);
  });

  it('GIVEN an undoing that was given up WHEN it runs THEN nothing more is done', async () => {
    const run = await machine.run({ 'undo-rows': () => ({ ...nothingUndone, outcome: 'over' }) }, input);
    expect(run.calls).toHaveLength(1);
  });
});
