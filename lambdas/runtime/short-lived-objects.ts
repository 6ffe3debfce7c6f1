import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

/**
 * For functions that stream: V8 is not to put objects among the long-lived ones by the place in the code that makes them.
 * Having seen rows in flight survive it would do so with all that is ever read of rows, and such garbage lies until the
 * heap has grown to several times what is in use. V8's flags are those of the whole process, so not where the function is
 * one thread among others, as on one machine.
 */
export function expectShortLivedObjects(): void {
  if (isMainThread) setFlagsFromString('--no-allocation-site-pretenuring');
}
