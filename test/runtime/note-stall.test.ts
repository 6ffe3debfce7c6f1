import { afterEach, expect, test, vi } from 'vitest';
import { createMetrics } from '../../lambdas/runtime/metrics.ts';
import { noteStall } from '../../lambdas/runtime/note-stall.ts';
import { recordLogLines } from './log-lines.ts';

afterEach(() => vi.restoreAllMocks());

test.each([
  { outcome: 'stalled', counted: [['ActionsStalled', 'Count', 1]], logged: 1 },
  { outcome: 'wait', counted: [], logged: 0 },
])(
  'GIVEN a look that finds $outcome WHEN noted THEN a stall is counted and logged, and the step goes on',
  ({ outcome, counted, logged }) => {
    const lines = recordLogLines('measure-progress');
    const add = vi.spyOn(createMetrics('measure-progress'), 'addMetric').mockReturnThis();
    const result = { outcome, waitSeconds: 3 };
    expect(noteStall('measure-progress', result)).toBe(result);
    expect(add.mock.calls).toEqual(counted);
    expect(lines).toHaveLength(logged);
  },
);
