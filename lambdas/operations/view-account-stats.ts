import { type ActionStatus, actionStatuses, addCounts, type BulkAction, hasEnded, noCounts } from '../model/action.ts';
import type { AccountStats } from '../model/api/logs-and-stats.ts';
import type { AccountDay, AccountDays } from '../store/account-days.ts';
import type { ActionStore } from '../store/action-store.ts';
import type { QueueLengths } from '../store/queue-lengths.ts';
import { viewCounts } from './view-bulk-action.ts';

interface Stores {
  readonly actions: ActionStore;
  readonly accountDays: AccountDays;
  readonly queueLengths: QueueLengths;
}

const daysTold = 30;
const dayMs = 86_400_000;

/**
 * How an account is doing. Cheap however much it has done: sums that are kept by day, the actions that have not ended,
 * and what the queues say of themselves.
 */
export async function viewAccountStats(stores: Stores, accountId: string, now = new Date()): Promise<AccountStats> {
  const days = Array.from({ length: daysTold }, (_, index) => dayOf(now, daysTold - 1 - index));
  const [ended, open, queues] = await Promise.all([
    stores.accountDays.list(accountId, days[0] as string),
    openActions(stores.actions, accountId),
    stores.queueLengths.read(),
  ]);
  const total = ended.reduce((sum, { counts }) => addCounts(sum, counts), noCounts);
  const byDay = new Map(ended.map((day) => [day.day, day]));
  return {
    days: days.map((day) => viewDay(day, byDay.get(day))),
    actions: byStatus(ended, open),
    errorRate: total.rows > 0 ? (total.invalid + total.failed + total.unprocessed) / total.rows : 0,
    queues,
    backlog: backlogOf(open, now),
  };
}

function dayOf(now: Date, daysBefore: number): string {
  return new Date(now.getTime() - daysBefore * dayMs).toISOString().slice(0, 10);
}

function viewDay(day: string, ended: AccountDay | undefined): AccountStats['days'][number] {
  return { day, actions: sum(Object.values(ended?.byStatus ?? {})), counts: viewCounts(ended?.counts ?? noCounts) };
}

function byStatus(ended: readonly AccountDay[], open: readonly BulkAction[]): Record<ActionStatus, number> {
  const counted = actionStatuses.map((status) => [
    status,
    sum(ended.map((day) => day.byStatus[status] ?? 0)) + open.filter((action) => action.status === status).length,
  ]);
  return Object.fromEntries(counted) as Record<ActionStatus, number>;
}

/** Of the index of open actions, which all accounts share: few at any time, as each ends by its deadline. */
async function openActions(actions: ActionStore, accountId: string): Promise<BulkAction[]> {
  const open: BulkAction[] = [];
  for await (const page of actions.openOf(accountId)) open.push(...page.filter((action) => !hasEnded(action)));
  return open;
}

function backlogOf(open: readonly BulkAction[], now: Date): AccountStats['backlog'] {
  const waiting = open.filter(({ status, batches }) => status === 'processing' && batches.done < batches.total);
  const since = waiting.flatMap(({ movement }) => (movement ? [Date.parse(movement.dispatchedAt)] : []));
  return {
    batches: sum(waiting.map(({ batches }) => batches.total - batches.done)),
    oldestSeconds: since.length > 0 ? Math.max(0, (now.getTime() - Math.min(...since)) / 1_000) : 0,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
