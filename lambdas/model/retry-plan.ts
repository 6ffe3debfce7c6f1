/** How often something is tried, and how long the pauses get. */
export interface RetryPlan {
  readonly attempts: number;
  readonly firstSeconds: number;
  readonly longestSeconds: number;
}

const growth = 4;
/** A pause is this share shorter or longer, so that what failed together does not come again together. */
const jitter = 0.25;

/**
 * Seconds to wait after so many failures, at least 1. With 8 attempts from 30 s on, no pause over 11 hours: 30 s, 2 min,
 * 8 min, 32 min, 2 h, 8.5 h, 11 h, which is 22 hours in all. `random` is in 0 … 1.
 */
export function pauseAfter(failures: number, plan: RetryPlan, random = Math.random()): number {
  const pause = plan.firstSeconds * growth ** Math.max(0, failures - 1);
  const scattered = Math.min(pause, plan.longestSeconds) * (1 + jitter * (2 * random - 1));
  return Math.max(1, Math.round(Math.min(scattered, plan.longestSeconds)));
}
