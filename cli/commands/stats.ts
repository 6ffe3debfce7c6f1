import type { AccountStats, ActionStats } from '../api-types.ts';
import { connectionOptions, defineCommand } from '../command.ts';
import { describeAccountStats, describeActionStats } from '../describe-stats.ts';
import { exitCodes } from '../errors.ts';
import { print } from '../terminal.ts';

export const stats = defineCommand({
  name: 'stats',
  summary: 'Show the figures of an action, or of the account',
  description: `With ACTION: its counts, how fast it was, how long its batches took and waited, its errors by code, and how long
each phase lasted. Without: the account's actions by status, rows by day, the share of rows that went wrong, and how much
is waiting.`,
  arguments: [{ name: 'ACTION', help: "The action's id; default: the whole account.", optional: true }],
  options: { json: { type: 'boolean', help: 'Print the figures as the service gives them.' }, ...connectionOptions },
  exitCodes: ['0  shown', '1  the service had a fault', '2  unusable: no such action, or an argument to change'],
  examples: ['rollcall stats', 'rollcall stats 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40 --json'],
  async run(session, { json, ...connection }, actionId) {
    const api = await session.connect(connection);
    const options = { signal: session.interrupted };
    if (actionId === undefined) {
      const figures = await api.get<AccountStats>('/api/stats', {}, options);
      print(json ? JSON.stringify(figures) : describeAccountStats(figures).join('\n'));
    } else {
      const path = `/api/bulk-actions/${encodeURIComponent(actionId)}/stats`;
      const figures = await api.get<ActionStats>(path, {}, options);
      print(json ? JSON.stringify(figures) : describeActionStats(figures).join('\n'));
    }
    return exitCodes.completed;
  },
});
