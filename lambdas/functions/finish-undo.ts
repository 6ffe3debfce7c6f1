import { finishUndoInputSchema } from '../model/undo-steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { finishUndo } from '../steps/finish-undo.ts';
import { openControl } from '../store/open-stores.ts';

const environment = readEnvironment('finish-undo');
const stores = openControl(environment);

/** States FinishUndo and FailUndo: the undoing has ended. */
export const handler = stepHandler('finish-undo', finishUndoInputSchema, (input) => finishUndo(stores, input));
