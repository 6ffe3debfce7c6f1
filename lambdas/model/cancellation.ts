/**
 * How soon a cancelled action stops writing. The promise is that no entity is written later than five seconds after the
 * answer to the request. It comes about like this:
 *
 * - The request sets a mark on the action, by the same kind of conditional write that ends it, before it answers.
 * - A batch reads the action, consistently, before it begins, and does not begin once the mark is there.
 * - A batch under way looks again every `lookMs`. When it sees the mark it begins no further write and no further call of
 *   a service outside.
 * - Whatever the looks find, a batch may write only for `leaseMs` after it began the last look that showed no mark. Then
 *   what is in flight is aborted, the attempts of the SDK included. A look that shows no mark began before the mark was
 *   written, so no write begins later than `leaseMs` after it, by the batch's own clock and nobody else's.
 * - The second that is left is for a request that was on the wire when its sender gave it up. A service outside may take
 *   its own time over it; nothing that we send can be called back.
 *
 * The rows are settled after `settleAfterSeconds`, when all of that is over.
 */
export const cancelTimes = { lookMs: 1_000, leaseMs: 4_000, settleAfterSeconds: 5 } as const;
export type WatchTimes = { readonly [Name in 'lookMs' | 'leaseMs']: number };
