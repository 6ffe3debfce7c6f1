import { noteMappingInputSchema } from '../model/steps.ts';
import { findProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { noteMapping } from '../steps/note-mapping.ts';
import { openControl, openMapping } from '../store/open-stores.ts';

const environment = readEnvironment('note-mapping');
const stores = { ...openControl(environment), ...openMapping(environment) };

/** State NoteMapping: how the mappings of the action's type stand. */
export const handler = stepHandler('note-mapping', noteMappingInputSchema, (input) =>
  noteMapping(stores, input, findProcess),
);
