import { endEventSchema } from '../model/end-event.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { eventHandler } from '../runtime/event-handler.ts';
import { ProcessMetrics } from '../runtime/process-metrics.ts';
import { countAction } from '../steps/count-action.ts';
import { openControl } from '../store/open-stores.ts';

const environment = readEnvironment('count-action');
const stores = openControl(environment);
const metrics = new ProcessMetrics('count-action', environment.METRICS_BY_ACCOUNT);

/** The rule for actions' ends: what the action came to becomes part of its account's figures, and is measured. */
export const handler = eventHandler('count-action', endEventSchema, async ({ detail }) => {
  await metrics.around(async () => {
    const counted = await countAction(stores, detail);
    if (counted) metrics.addEnd(counted);
  });
});
