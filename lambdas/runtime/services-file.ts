import { readFileSync } from 'node:fs';
import { type OutsideServices, outsideServicesSchema } from '../model/service-configuration.ts';

/**
 * The stage's services outside: a file that the deployment puts beside the function's bundle, since an environment ends
 * at 4 KB and a service's configuration does not. Checked once, while the function starts.
 */
export function readServicesFile(): OutsideServices {
  return outsideServicesSchema.parse(JSON.parse(readFileSync(new URL('./services.json', import.meta.url), 'utf8')));
}
