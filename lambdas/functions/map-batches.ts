import { BoundaryRegistry } from '../entities/boundary-registry.ts';
import { boundaryTargets } from '../entities/targets.ts';
import { mapInputSchema } from '../model/mapping-steps.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { readServicesFile } from '../runtime/services-file.ts';
import { stepHandler } from '../runtime/step-handler.ts';
import { mapBatches } from '../steps/map-batches.ts';
import { openBucket, openControl, openMapping, openRegistry, openSecrets, openTracking } from '../store/open-stores.ts';

const environment = readEnvironment('map-batches');
const stores = { ...openTracking(environment), ...openMapping(environment), ...openBucket(environment) };
const { places } = openControl(environment);
const targetOf = boundaryTargets(
  { services: readServicesFile(), places, ...openSecrets() },
  new BoundaryRegistry(openRegistry(environment).registry),
);

/** Map MapLists: the boundary API is asked for the pairs of a list. */
export const handler = stepHandler('map-batches', mapInputSchema, (input, { remainingMs }) =>
  mapBatches(stores, input, { target: targetOf(input.list.processName), remainingMs }),
);
