import { checkInputSchema } from '../model/steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { noteStall } from '../runtime/note-stall.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { checkAction } from '../steps/check-action.ts';
import { openControl } from '../store/open-stores.ts';

const environment = readEnvironment('check-action');
const { actions } = openControl(environment);
const times = { settleSeconds: environment.SETTLE_SECONDS, stallSeconds: environment.STALL_SECONDS };

/** States CheckAction and CheckFinal: the final counts, once no row is pending. */
export const handler = stepHandler('check-action', checkInputSchema, async (input) =>
  noteStall('check-action', await checkAction(actions, input, times)),
);
