import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../lambdas/runtime/environment.ts';

const base = { STAGE: 'test', POWERTOOLS_SERVICE_NAME: 'rollcall', POWERTOOLS_METRICS_NAMESPACE: 'Rollcall' };

describe('readEnvironment', () => {
  test('GIVEN a complete environment WHEN it is read THEN numbers are numbers and defaults are filled in', () => {
    const environment = readEnvironment('measure-progress', {
      ...base,
      CONTROL_TABLE: 'control',
      SETTLE_SECONDS: '60',
      STALL_SECONDS: '900',
    });
    expect(environment).toEqual({
      ...base,
      LOG_LEVEL: 'INFO',
      BULK_WRITE_CALLS: 8,
      CONTROL_TABLE: 'control',
      SETTLE_SECONDS: 60,
      STALL_SECONDS: 900,
    });
  });

  test('GIVEN several wrong variables WHEN it is read THEN one error names them all', () => {
    const read = () => readEnvironment('measure-progress', { ...base, SETTLE_SECONDS: 'soon', LOG_LEVEL: 'LOUD' });
    expect(read).toThrow(/measure-progress(?=.*CONTROL_TABLE)(?=.*SETTLE_SECONDS)(?=.*STALL_SECONDS)(?=.*LOG_LEVEL)/);
  });
});
