import { setTimeout as pause } from 'node:timers/promises';

/** An error that says of itself whether the same request may succeed later. */
export interface Transient {
  /** Seconds the service asked to wait. */
  readonly retryAfterSeconds?: number;
}

const firstPauseMs = 250;
const longestPauseMs = 5_000;
/** A service that asks for a longer rest is told about to the user instead of waited for. */
const longestRetryAfterSeconds = 60;

/** Runs `attempt` again after transient errors, with pauses that double from 250 ms to 5 s and vary by half. */
export async function retrying<Result>(
  { attempts, signal }: { readonly attempts: number; readonly signal?: AbortSignal },
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = pauseMs(error, tried);
      if (tried >= attempts || wait === undefined) throw error;
      await pause(wait, undefined, { signal });
    }
  }
}

function pauseMs(error: unknown, tried: number): number | undefined {
  const transient = (error as { transient?: Transient }).transient;
  if (!transient) return undefined;
  const { retryAfterSeconds } = transient;
  if (retryAfterSeconds !== undefined) {
    return retryAfterSeconds <= longestRetryAfterSeconds ? retryAfterSeconds * 1_000 : undefined;
  }
  return Math.min(firstPauseMs * 2 ** (tried - 1), longestPauseMs) * (0.5 + Math.random() / 2);
}
