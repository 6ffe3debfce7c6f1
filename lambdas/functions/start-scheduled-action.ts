import { z } from 'zod';
import { readEnvironment } from '../runtime/environment.ts';
import { createLogger } from '../runtime/logger.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { startScheduledAction } from '../steps/start-scheduled-action.ts';
import { openBucket, openControl, openExecutions } from '../store/open-stores.ts';

const environment = readEnvironment('start-scheduled-action');
const stores = { ...openControl(environment), ...openExecutions(environment), ...openBucket(environment) };
const startSchema = z.object({ accountId: z.string(), actionId: z.string() });

/** A schedule is due: its action starts. */
export const handler = stepHandler('start-scheduled-action', startSchema, async (input) => {
  const outcome = await startScheduledAction(stores, input, environment.DEADLINE_SECONDS);
  createLogger('start-scheduled-action').info('The time of an action has come', { outcome });
});
