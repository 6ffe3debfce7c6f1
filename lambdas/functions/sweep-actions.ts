import { z } from 'zod';
import { readEnvironment } from '../runtime/environment.ts';
import { eventHandler } from '../runtime/event-handler.ts';
import { createLogger } from '../runtime/logger.ts';
import { createMetrics, MetricUnit } from '../runtime/metrics.ts';
import { sweepActions } from '../steps/sweep-actions.ts';
import { openBucket, openBus, openControl, openExecutions, openUndoExecutions } from '../store/open-stores.ts';

const environment = readEnvironment('sweep-actions');
const stores = {
  ...openControl(environment),
  ...openExecutions(environment),
  ...openUndoExecutions(environment),
  ...openBucket(environment),
  ...openBus(environment),
};
const times = { idleSeconds: environment.STALL_SECONDS, deadlineSeconds: environment.DEADLINE_SECONDS };

/** The schedule: looks after actions that nobody drives. */
export const handler = eventHandler('sweep-actions', z.unknown(), async () => {
  const result = await sweepActions(stores, times);
  if (result.abandoned > 0) {
    createMetrics('sweep-actions').addMetric('ActionsAbandoned', MetricUnit.Count, result.abandoned);
  }
  createLogger('sweep-actions').info('Swept', { ...result });
});
