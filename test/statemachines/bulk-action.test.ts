import { beforeAll, describe, expect, it } from 'vitest';
import { type Answers, LocalMachine, type Run } from './local-machine.ts';

const settled = { outcome: 'settled', waitSeconds: 0 };
const counts = { rows: 1000, created: 990, failed: 10 };

/** A sheet of two chunks in which all goes well. */
const smooth: Answers = {
  'claim-reference': () => ({ outcome: 'claimed', retry: false, chunks: [], waitSeconds: 0 }),
  'stage-sheet': () => ({ outcome: 'staged', chunks: ['000000', '000001'] }),
  'take-quota': () => ({ outcome: 'taken', waitSeconds: 0 }),
  'identify-chunk': ({ chunk }) => ({ chunk, pending: 1000, known: 0 }),
  'revive-rows': () => ({
    dispatch: [
      { chunk: '000000', firstBatch: 1 },
      { chunk: '000001', firstBatch: 11 },
    ],
    level: 0,
    levels: [],
    totalBatches: 20,
    settle: ['000000', '000001'],
  }),
  'measure-progress': () => ({ outcome: 'settle', waitSeconds: 0 }),
  'settle-chunk': ({ chunk }) => ({ chunk, counts }),
  'check-action': () => settled,
  'fail-action': () => ({ settle: ['000000'], waitSeconds: 0 }),
  'enter-mapping': () => ({ outcome: 'run', referenceId: 'cmp-1', until: '2026-01-01T00:00:00.000Z' }),
};

const none = () => ({ outcome: 'none', referenceId: 'cmp-1', until: '2026-01-01T00:00:00.000Z' });

/** Throws as long as it is called. */
const broken = (name = 'SomethingBroke') => {
  return () => {
    throw Object.assign(new Error('cause'), { name });
  };
};

let machine: LocalMachine;
beforeAll(async () => {
  machine = await LocalMachine.load('bulk-action');
});

function calledIn(run: Run): string[] {
  return run.calls.map((call) => call.called);
}
function inputsOf(run: Run, state: string) {
  return run.calls.filter((call) => call.state === state).map((call) => call.input);
}

describe('a run of bulk-action', () => {
  it('GIVEN a sheet in which all goes well WHEN it runs THEN each step comes once, in order, and knows what the last found', async () => {
    const run = await machine.run(smooth);
    expect(run.failure).toBeUndefined();
    expect(calledIn(run)).toEqual([
      'claim-reference',
      'stage-sheet',
      'identify-chunk',
      'identify-chunk',
      'revive-rows',
      'dispatch-chunk',
      'dispatch-chunk',
      'measure-progress',
      'settle-chunk',
      'settle-chunk',
      'check-action',
      'enter-mapping',
      'boundary-mapping',
      'note-mapping',
      'write-report',
      'finish-action',
    ]);
    const identity = { accountId: 'acme', actionId: 'a-1', run: 0 };
    expect(inputsOf(run, 'IdentifyChunk')).toContainEqual({ ...identity, chunk: '000001' });
    expect(inputsOf(run, 'ReviveRows')[0]?.identified).toEqual([
      { chunk: '000000', pending: 1000, known: 0 },
      { chunk: '000001', pending: 1000, known: 0 },
    ]);
    expect(inputsOf(run, 'DispatchChunk')).toContainEqual({
      ...identity,
      chunk: '000001',
      firstBatch: 11,
      totalBatches: 20,
    });
    expect(inputsOf(run, 'SettleChunk')).toContainEqual({ ...identity, chunk: '000000', mode: 'count' });
    expect(inputsOf(run, 'CheckAction')[0]?.settled).toEqual([
      { chunk: '000000', counts },
      { chunk: '000001', counts },
    ]);
  });

  it('GIVEN a busy reference WHEN it is free at the third look THEN the sheet is staged only then', async () => {
    const claim = (_: unknown, call: number) => ({
      outcome: call < 3 ? 'busy' : 'claimed',
      retry: false,
      chunks: [],
      waitSeconds: 15,
    });
    const run = await machine.run({ ...smooth, 'claim-reference': claim });
    expect(calledIn(run).slice(0, 4)).toEqual([...Array(3).fill('claim-reference'), 'stage-sheet']);
    expect(run.path.filter((state) => state === 'WaitForReference')).toHaveLength(2);
  });

  it('GIVEN a sheet over the quota WHEN room comes little by little THEN it waits, and no row is identified before', async () => {
    const run = await machine.run({
      ...smooth,
      'stage-sheet': () => ({ outcome: 'over_quota', chunks: ['000000'] }),
      'take-quota': (_, call) => ({ outcome: call < 3 ? 'wait' : 'taken', waitSeconds: call < 3 ? 60 : 0 }),
    });
    expect(run.failure).toBeUndefined();
    expect(calledIn(run).slice(1, 6)).toEqual(['stage-sheet', ...Array(3).fill('take-quota'), 'identify-chunk']);
    expect(run.path.filter((state) => state === 'WaitForQuota')).toHaveLength(2);
  });

  it('GIVEN a sheet whose quota comes too late WHEN it is given up THEN its rows are answered for and none is identified', async () => {
    const run = await machine.run({
      ...smooth,
      'stage-sheet': () => ({ outcome: 'over_quota', chunks: ['000000'] }),
      'take-quota': () => ({ outcome: 'never', waitSeconds: 0 }),
    });
    expect(run.failure).toBeUndefined();
    expect(calledIn(run)).not.toContain('identify-chunk');
    expect(inputsOf(run, 'FailAction')[0]?.error).toEqual({ Error: 'QuotaExceeded' });
    expect(calledIn(run).slice(-2)).toEqual(['write-report', 'finish-action']);
  });

  it('GIVEN an action that ended while it waited for its quota WHEN it is looked at THEN nothing more is done', async () => {
    const run = await machine.run({
      ...smooth,
      'stage-sheet': () => ({ outcome: 'over_quota', chunks: ['000000'] }),
      'take-quota': () => ({ outcome: 'ended', waitSeconds: 0 }),
    });
    expect(calledIn(run)).toEqual(['claim-reference', 'stage-sheet', 'take-quota']);
    expect(run.failure).toBeUndefined();
  });

  it('GIVEN a run whose own execution was stopped WHEN the sweep starts another THEN its rows are answered for and nothing is begun', async () => {
    const failure = { Error: 'ExecutionStopped', Cause: 'It was stopped.' };
    const run = await machine.run(smooth, { accountId: 'acme', actionId: 'a-1', run: 0, failure });
    expect(calledIn(run).slice(0, 3)).toEqual(['fail-action', 'settle-chunk', 'check-action']);
    expect(inputsOf(run, 'FailAction')[0]?.error).toEqual(failure);
    expect(calledIn(run).slice(-2)).toEqual(['write-report', 'finish-action']);
  });

  it('GIVEN an action that has ended meanwhile WHEN its run starts THEN nothing is done', async () => {
    const claim = () => ({ outcome: 'ended', retry: false, chunks: [], waitSeconds: 0 });
    const run = await machine.run({ ...smooth, 'claim-reference': claim });
    expect(calledIn(run)).toEqual(['claim-reference']);
    expect(run.failure).toBeUndefined();
  });

  it('GIVEN a rejected sheet WHEN it runs THEN its rows are answered for and none is identified or dispatched', async () => {
    const stage = () => ({ outcome: 'rejected', chunks: ['000000'] });
    const run = await machine.run({ ...smooth, 'stage-sheet': stage, 'enter-mapping': none });
    expect(calledIn(run).slice(2)).toEqual([
      'settle-chunk',
      'check-action',
      'enter-mapping',
      'write-report',
      'finish-action',
    ]);
    expect(inputsOf(run, 'SettleRejectedChunk')[0]?.mode).toBe('rejected');
  });

  it('GIVEN a sheet that cannot be read WHEN it runs THEN the report and the verdict come at once', async () => {
    const run = await machine.run({ ...smooth, 'stage-sheet': () => ({ outcome: 'unusable', chunks: [] }) });
    expect(calledIn(run).slice(2)).toEqual(['write-report', 'finish-action']);
  });

  it('GIVEN a sheet without a row to run WHEN it runs THEN it is settled and reported all the same', async () => {
    const run = await machine.run({
      ...smooth,
      'revive-rows': () => ({ dispatch: [], level: 0, levels: [], totalBatches: 0, settle: ['000000', '000001'] }),
    });
    expect(calledIn(run)).not.toContain('dispatch-chunk');
    expect(calledIn(run).at(-1)).toBe('finish-action');
  });

  it('GIVEN a retry WHEN it runs THEN the chunks of the first run are identified again without staging', async () => {
    const claim = () => ({ outcome: 'claimed', retry: true, chunks: ['000000', 'revived-000000'], waitSeconds: 0 });
    const input = { accountId: 'acme', actionId: 'a-1', run: 1 };
    const run = await machine.run({ ...smooth, 'claim-reference': claim }, input);
    expect(calledIn(run)).not.toContain('stage-sheet');
    expect(inputsOf(run, 'IdentifyChunk')).toEqual([
      { ...input, chunk: '000000' },
      { ...input, chunk: 'revived-000000' },
    ]);
    expect(calledIn(run).at(-1)).toBe('finish-action');
  });

  it('GIVEN batches under way WHEN progress is measured THEN it waits until they have answered', async () => {
    const measure = (_: unknown, call: number) => ({ outcome: call < 4 ? 'wait' : 'settle', waitSeconds: 7 });
    const run = await machine.run({ ...smooth, 'measure-progress': measure });
    expect(run.path.filter((state) => state === 'WaitForProgress')).toHaveLength(3);
  });

  it('GIVEN rows that wait for their parents WHEN a level has answered THEN the next is dispatched, and only then', async () => {
    const [roots, children, grandchildren] = ['ordered-0-000000', 'ordered-0-000001', 'ordered-0-000002'];
    const run = await machine.run({
      ...smooth,
      'revive-rows': () => ({
        dispatch: [{ chunk: roots, firstBatch: 1 }],
        level: 0,
        levels: [
          [
            { chunk: children, firstBatch: 2 },
            { chunk: grandchildren, firstBatch: 12 },
          ],
          [{ chunk: grandchildren, firstBatch: 22 }],
        ],
        totalBatches: 31,
        settle: ['000000', '000001'],
      }),
      'measure-progress': ({ level }, call) => {
        if (call % 2 === 1) return { outcome: 'wait', waitSeconds: 1 };
        return { outcome: level < 2 ? 'next_level' : 'settle', waitSeconds: 0 };
      },
    });
    expect(run.failure).toBeUndefined();
    expect(inputsOf(run, 'MeasureProgress').map(({ level }) => level)).toEqual([0, 0, 1, 1, 2, 2]);
    const between = run.calls.filter(({ called }) => called === 'dispatch-chunk' || called === 'measure-progress');
    expect(between.map(({ called, input }) => (called === 'dispatch-chunk' ? input.chunk : called))).toEqual([
      roots,
      'measure-progress',
      'measure-progress',
      children,
      grandchildren,
      'measure-progress',
      'measure-progress',
      grandchildren,
      'measure-progress',
      'measure-progress',
    ]);
    expect(inputsOf(run, 'DispatchChunk').at(-1)).toMatchObject({ firstBatch: 22, totalBatches: 31 });
    expect(inputsOf(run, 'SettleChunk').map(({ chunk }) => chunk)).toEqual(['000000', '000001']);
  });

  it('GIVEN rows that are pending though all batches answered WHEN they still move THEN it waits and counts again', async () => {
    const check = (_: unknown, call: number) => (call < 3 ? { outcome: 'wait', waitSeconds: 2 } : settled);
    const run = await machine.run({ ...smooth, 'check-action': check });
    expect(run.path.filter((state) => state === 'WaitForRows')).toHaveLength(2);
    expect(inputsOf(run, 'SettleChunk')).toHaveLength(6);
    expect(calledIn(run).at(-1)).toBe('finish-action');
  });

  it.each([
    ['measure-progress', { 'measure-progress': () => ({ outcome: 'stalled', waitSeconds: 0 }) }],
    [
      'check-action',
      { 'check-action': (_: unknown, call: number) => (call === 1 ? { outcome: 'stalled', waitSeconds: 0 } : settled) },
    ],
  ] as const)(
    'GIVEN a stall seen by %s WHEN it runs THEN what is pending is settled for good and reported',
    async (_, stalling) => {
      const run = await machine.run({ ...smooth, ...stalling });
      expect(inputsOf(run, 'SettleChunkFinally').map(({ mode }) => mode)).toEqual(['final', 'final']);
      expect(run.path.slice(-10)).toEqual([
        'SettleFinal',
        'CheckFinal',
        'IsNothingPending',
        'EnterMapping',
        'IsMappingDue',
        'MapReference',
        'NoteMapping',
        'WriteReport',
        'FinishAction',
        'Done',
      ]);
    },
  );
});

describe('the mapping in a run of bulk-action', () => {
  it('GIVEN the last action of a reference WHEN its rows have answered THEN it runs the mapping once, under its own name', async () => {
    const run = await machine.run(smooth);
    expect(inputsOf(run, 'MapReference')).toEqual([
      {
        StateMachineArn: expect.stringContaining('boundary-mapping'),
        Name: 'a-1-0',
        Input: {
          accountId: 'acme',
          referenceId: 'cmp-1',
          until: '2026-01-01T00:00:00.000Z',
          AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: expect.anything(),
        },
      },
    ]);
    expect(inputsOf(run, 'NoteMapping')).toMatchObject([{ outcome: 'run' }]);
  });

  it('GIVEN another action in flight WHEN the rows have answered THEN the mapping is left to it', async () => {
    const run = await machine.run({ ...smooth, 'enter-mapping': () => ({ ...none(), outcome: 'later' }) });
    expect(run.path).not.toContain('MapReference');
    expect(inputsOf(run, 'NoteMapping')).toMatchObject([{ outcome: 'later' }]);
    expect(calledIn(run).at(-1)).toBe('finish-action');
  });

  it.each(['enter-mapping', 'boundary-mapping'] as const)(
    'GIVEN %s failing for good WHEN it runs THEN no row loses its answer and the action says so',
    async (name) => {
      const run = await machine.run({ ...smooth, [name]: broken() });
      expect(inputsOf(run, 'NoteMapping')).toMatchObject([{ outcome: 'broken' }]);
      expect(calledIn(run)).not.toContain('fail-action');
      expect(calledIn(run).slice(-2)).toEqual(['write-report', 'finish-action']);
    },
  );

  it('GIVEN figures that cannot be noted WHEN it runs THEN it is reported all the same', async () => {
    const run = await machine.run({ ...smooth, 'note-mapping': broken() });
    expect(calledIn(run).slice(-2)).toEqual(['write-report', 'finish-action']);
  });
});

describe('a run of bulk-action in which a step fails', () => {
  it('GIVEN a step that fails twice WHEN it is retried THEN the run ends as if nothing had been', async () => {
    const stage = (_: unknown, call: number) =>
      call < 3 ? broken('Lambda.Unknown')() : { outcome: 'staged', chunks: ['000000'] };
    const run = await machine.run({ ...smooth, 'stage-sheet': stage });
    expect(calledIn(run).filter((name) => name === 'stage-sheet')).toHaveLength(3);
    expect(calledIn(run)).not.toContain('fail-action');
  });

  it.each([
    'claim-reference',
    'stage-sheet',
    'identify-chunk',
    'revive-rows',
    'dispatch-chunk',
    'measure-progress',
  ] as const)(
    'GIVEN %s failing for good WHEN it runs THEN the rows are settled, reported, and the action finished',
    async (name) => {
      const run = await machine.run({ ...smooth, [name]: broken() });
      expect(run.failure).toBeUndefined();
      expect(inputsOf(run, 'FailAction')).toHaveLength(1);
      expect(inputsOf(run, 'FailAction')[0]?.error.Error).toBe('SomethingBroke');
      expect(inputsOf(run, 'SettleChunkAfterFailure').map(({ chunk, mode }) => [chunk, mode])).toEqual([
        ['000000', 'final'],
      ]);
      expect(calledIn(run)).toContain('check-action');
      expect(calledIn(run).slice(-2)).toEqual(['write-report', 'finish-action']);
    },
  );

  it('GIVEN a count that fails for good WHEN it runs THEN the action fails and the final count is tried', async () => {
    const settle = ({ chunk, mode }: { chunk: string; mode: string }) =>
      mode === 'count' ? broken()() : { chunk, counts };
    const run = await machine.run({ ...smooth, 'settle-chunk': settle });
    expect(run.path.slice(-12)).toEqual([
      'FailAction',
      'WaitForLastWrites',
      'SettleAfterFailure',
      'CheckFinal',
      'IsNothingPending',
      'EnterMapping',
      'IsMappingDue',
      'MapReference',
      'NoteMapping',
      'WriteReport',
      'FinishAction',
      'Done',
    ]);
  });

  it.each(['settle-chunk', 'check-action', 'write-report', 'finish-action'] as const)(
    'GIVEN %s failing whatever is tried WHEN it runs THEN the action is abandoned and the execution fails',
    async (name) => {
      const run = await machine.run({ ...smooth, [name]: broken() });
      const last = run.calls.at(-1);
      expect(last).toMatchObject({ called: 'fail-action', state: 'AbandonAction', input: { abandon: true } });
      expect(last?.input.error.Error).toBe('SomethingBroke');
      expect(run.failure?.message).toContain('could not be brought to its end');
    },
  );

  it('GIVEN rows that stay pending after the final count WHEN it runs THEN it does not go round but abandons the action', async () => {
    const run = await machine.run({ ...smooth, 'check-action': () => ({ outcome: 'stalled', waitSeconds: 0 }) });
    expect(run.calls.at(-1)?.input.error).toEqual({
      Error: 'RowsUnsettled',
      Cause: 'Rows were still pending after the final count.',
    });
    expect(run.failure).toBeDefined();
  });

  it('GIVEN fail-action itself failing WHEN a step fails THEN the execution fails and does not hang', async () => {
    const run = await machine.run({ ...smooth, 'stage-sheet': broken(), 'fail-action': broken() });
    expect(run.path.slice(-3)).toEqual(['FailAction', 'AbandonAction', 'Abandoned']);
    expect(run.failure).toBeDefined();
  });
});

describe('the largest run of bulk-action', () => {
  const sheet = Array.from({ length: 400 }, (_, index) => String(index).padStart(6, '0'));
  const revived = sheet.map((chunk) => `revived-${chunk}`);
  const all = [...sheet, ...revived];
  const everyAnswer = Object.fromEntries(
    'rows created updated deleted known duplicate invalid failed unprocessed cancelled pending'
      .split(' ')
      .map((answer) => [answer, 90_000]),
  );
  const looks = 360;
  const largest: Answers = {
    ...smooth,
    'stage-sheet': () => ({ outcome: 'staged', chunks: sheet }),
    'revive-rows': () => ({
      dispatch: all.map((chunk, index) => ({ chunk, firstBatch: 900 * index + 1 })),
      level: 0,
      levels: [],
      totalBatches: 900 * all.length,
      settle: all,
    }),
    // Six hours, one look a minute, and rows that never come to rest.
    'measure-progress': (_, call) => ({ outcome: call < looks ? 'wait' : 'settle', waitSeconds: 60 }),
    'settle-chunk': ({ chunk }) => ({ chunk, counts: everyAnswer }),
    'check-action': ({ settled: list }, call) =>
      call === 1 && list.length === all.length ? { outcome: 'wait', waitSeconds: 60 } : settled,
  };

  it('GIVEN ten million rows and as many revived ones WHEN they never rest THEN history and state stay within the limits', async () => {
    const run = await machine.run(largest);
    expect(calledIn(run).at(-1)).toBe('finish-action');
    expect(run.historyEvents).toBeGreaterThan(20_000);
    expect(run.historyEvents).toBeLessThan(25_000);
    expect(run.largestPayload).toBeGreaterThan(150_000);
    expect(run.largestPayload).toBeLessThan(256 * 1024);
  });

  it('GIVEN a million rows under each other and as many levels as can be WHEN they never rest THEN history and state stay within the limits', async () => {
    const rows = sheet.slice(0, 300);
    const settle = [...rows, ...revived];
    // Two times 32 levels: those of the sheet and those of earlier rows, each with a chunk that is not full.
    const levels = Array.from({ length: 64 }, (_, level) =>
      Array.from({ length: 6 }, (_, index) => ({
        chunk: `ordered-0-${String(6 * level + index).padStart(6, '0')}`,
        firstBatch: 900 * (6 * level + index) + 1,
      })),
    );
    const [dispatch, ...later] = levels;
    const run = await machine.run({
      ...largest,
      'stage-sheet': () => ({ outcome: 'staged', chunks: rows }),
      'revive-rows': () => ({ dispatch, level: 0, levels: later, totalBatches: 900 * 6 * 64, settle }),
      'measure-progress': ({ level }, call) => {
        if (call % 6 !== 0) return { outcome: 'wait', waitSeconds: 60 };
        return { outcome: level < later.length ? 'next_level' : 'settle', waitSeconds: 0 };
      },
      'check-action': ({ settled: list }, call) =>
        call === 1 && list.length === settle.length ? { outcome: 'wait', waitSeconds: 60 } : settled,
    });
    expect(calledIn(run).at(-1)).toBe('finish-action');
    expect(run.calls.filter(({ called }) => called === 'dispatch-chunk')).toHaveLength(6 * 64);
    expect(run.historyEvents).toBeGreaterThan(18_000);
    expect(run.historyEvents).toBeLessThan(25_000);
    expect(run.largestPayload).toBeLessThan(256 * 1024);
  });

  it('GIVEN a single chunk WHEN its rows never rest THEN the recounts end before the history does', async () => {
    let final = false;
    const run = await machine.run({
      ...smooth,
      'stage-sheet': () => ({ outcome: 'staged', chunks: ['000000'] }),
      'revive-rows': () => ({
        dispatch: [{ chunk: '000000', firstBatch: 1 }],
        level: 0,
        levels: [],
        totalBatches: 1,
        settle: ['000000'],
      }),
      'settle-chunk': ({ chunk, mode }) => {
        final ||= mode === 'final';
        return { chunk, counts };
      },
      'check-action': () => (final ? settled : { outcome: 'wait', waitSeconds: 2 }),
    });
    expect(calledIn(run).at(-1)).toBe('finish-action');
    expect(run.historyEvents).toBeGreaterThan(15_000);
    expect(run.historyEvents).toBeLessThan(25_000);
  });
});
