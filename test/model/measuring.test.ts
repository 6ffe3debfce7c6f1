import { describe, expect, it } from 'vitest';
import { batchTimesOf } from '../../lambdas/model/batch-times.ts';
import { CodeCounts } from '../../lambdas/model/code-counts.ts';
import { phasesOf } from '../../lambdas/model/phase.ts';
import { newAction } from '../support/actions.ts';

const at = (second: number) => `2026-03-13T10:00:${String(second).padStart(2, '0')}.000Z`;
const error = (code: string) => ({ code, message: 'No.' });

describe('the times of batches', () => {
  it('GIVEN a hundred batches WHEN spread THEN the figures are ones that occurred, in seconds', () => {
    const work = Array.from({ length: 100 }, (_, index) => (100 - index) * 10);
    expect(batchTimesOf({ work, wait: [5_000] })).toEqual({
      work: { p50: 0.5, p95: 0.95, max: 1 },
      wait: { p50: 5, p95: 5, max: 5 },
    });
  });

  it('GIVEN no batch WHEN spread THEN there is nothing to tell', () => {
    expect(batchTimesOf({ work: [], wait: [] })).toBeUndefined();
  });
});

describe('the counts of codes', () => {
  it('GIVEN errors WHEN counted THEN the most frequent come first', () => {
    const codes = new CodeCounts();
    codes.add([error('b'), error('a'), error('c')]);
    codes.add([error('c')]);
    expect(codes.list).toEqual([
      { code: 'c', count: 2 },
      { code: 'a', count: 1 },
      { code: 'b', count: 1 },
    ]);
  });

  it('GIVEN a service with a code for each row WHEN counted THEN the list has an end and no error is left out', () => {
    const codes = new CodeCounts();
    for (let row = 0; row < 1_000; row++) codes.add([error(`row-${row}`)]);
    expect(codes.list).toHaveLength(101);
    expect(codes.list[0]).toEqual({ code: 'other_codes', count: 900 });
  });
});

describe('the phases of a run', () => {
  const timed = newAction({
    status: 'completed',
    createdAt: at(0),
    claimedAt: at(1),
    movement: { done: 1, since: at(2), dispatchedAt: at(2) },
    settledAt: at(3),
    mappingAt: at(4),
    mappedAt: at(5),
    finishedAt: at(6),
  });

  it('GIVEN a run that came to its end WHEN told THEN each phase ends where the next begins', () => {
    expect(phasesOf(timed)).toEqual([
      { phase: 'waiting', startedAt: at(0), finishedAt: at(1) },
      { phase: 'validating', startedAt: at(1), finishedAt: at(2) },
      { phase: 'processing', startedAt: at(2), finishedAt: at(4) },
      { phase: 'mapping', startedAt: at(4), finishedAt: at(5) },
      { phase: 'reporting', startedAt: at(5), finishedAt: at(6) },
    ]);
  });

  it('GIVEN a run under way WHEN told THEN its last phase lasts', () => {
    const { mappingAt, mappedAt, settledAt, finishedAt, ...own } = timed;
    expect(phasesOf({ ...own, status: 'processing' }).at(-1)).toEqual({ phase: 'processing', startedAt: at(2) });
  });

  it('GIVEN nothing to map WHEN told THEN the report follows the last answer', () => {
    const { mappingAt, mappedAt, ...own } = timed;
    expect(phasesOf(own).slice(-2)).toEqual([
      { phase: 'processing', startedAt: at(2), finishedAt: at(3) },
      { phase: 'reporting', startedAt: at(3), finishedAt: at(6) },
    ]);
  });

  it('GIVEN a retry WHEN told THEN it is about the run, not about the time since the first', () => {
    expect(phasesOf({ ...timed, run: 1 }).map(({ phase }) => phase)).not.toContain('waiting');
  });
});
