import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;

/** One look can fall between two steps of the same work, so it has to be idle this many times in a row. */
const LOOKS = 3;

export async function untilIdle(isIdle: () => boolean): Promise<void> {
  for (let looks = 0; looks < LOOKS; ) {
    looks = isIdle() ? looks + 1 : 0;
    await delay(LOOK_EVERY_MS);
  }
}
