import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { describeAction, describeUpload, ProgressDisplay } from '../../cli/progress.ts';
import { noCounts } from '../../lambdas/model/action.ts';
import { actionView } from './rollcall-server.ts';

function stream(terminal: { isTTY: boolean; columns?: number }) {
  const written = new PassThrough().setEncoding('utf8');
  return Object.assign(written, terminal) as unknown as NodeJS.WriteStream & { read(): string | null };
}

describe('GIVEN an action under way', () => {
  const counts = { ...noCounts, rows: 4_000, created: 1_000, pending: 3_000 };

  it('WHEN its speed is known THEN rows, rows a second and the time left are shown', () => {
    const progress = { percent: 25, rowsPerSecond: 1_840.4, etaSeconds: 72 };
    expect(describeAction(actionView({ status: 'processing', counts, progress }))).toBe(
      'processing  [██████░░░░░░░░░░░░░░░░░░]  25%  1,000 of 4,000 rows  1,840 rows/s  ETA 1:12',
    );
  });

  it('WHEN nothing is known yet THEN nothing is made up', () => {
    const progress = { percent: 0, rowsPerSecond: 0, etaSeconds: null };
    expect(describeAction(actionView({ status: 'validating', counts: noCounts, progress }))).toBe(
      'validating  [░░░░░░░░░░░░░░░░░░░░░░░░]   0%',
    );
  });

  it('WHEN a sheet is being uploaded THEN the bytes are shown', () => {
    expect(describeUpload(6 * 1024 ** 2, 12 * 1024 ** 2)).toBe(
      'uploading  [████████████░░░░░░░░░░░░]  50%  6.0 MiB of 12.0 MiB',
    );
  });
});

describe('GIVEN a display of progress', () => {
  it('WHEN it stands on a terminal THEN one line is redrawn, never wider than the terminal, and cleared at the end', () => {
    const output = stream({ isTTY: true, columns: 10 });
    const display = new ProgressDisplay(output);
    display.show('processing', 'a line that is longer than ten columns');
    display.show('processing', 'short');
    display.clear();
    expect(output.read()).toBe('\r\x1b[2Ka line th\r\x1b[2Kshort\r\x1b[2K');
  });

  it('WHEN it goes to a log THEN each phase has a line and repetitions within seconds have none', () => {
    const output = stream({ isTTY: false });
    const display = new ProgressDisplay(output);
    display.show('validating', 'validating 0%');
    display.show('processing', 'processing 10%');
    display.show('processing', 'processing 11%');
    display.clear();
    expect(output.read()).toBe('validating 0%\nprocessing 10%\n');
  });
});
