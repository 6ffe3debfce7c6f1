import { z } from 'zod';
import { actionStatuses, countsSchema } from '../action.ts';
import { spreadSchema } from '../batch-times.ts';
import { logStatuses } from '../log-entry.ts';
import { phases } from '../phase.ts';
import { cursor, limit, time } from './paging.ts';
import { actionPath } from './paths.ts';
import type { Route } from './route.ts';

/** What is told of how actions went and go: their logs, their figures, those of an account, their state live. */

const count = z.number().int().min(0);
const seconds = z.number().min(0);

export const listLogsQuerySchema = z.strictObject({
  status: z.enum(logStatuses).optional(),
  code: z.string().min(1).max(128).optional(),
  cursor: cursor.optional(),
  limit,
});

export const logEntrySchema = z
  .object({
    at: time.optional().meta({ description: 'When it happened, or when the row had its answer.' }),
    status: z.enum(logStatuses),
    rowNumber: z.number().int().optional().meta({ description: 'As in the sheet; absent in `system` entries.' }),
    column: z.string().optional(),
    value: z.string().optional(),
    code: z.string(),
    message: z.string(),
  })
  .meta({ id: 'LogEntry' });
export type LogEntry = z.infer<typeof logEntrySchema>;

export const logListSchema = z
  .object({
    items: z.array(logEntrySchema),
    cursor: z.string().optional().meta({ description: 'There are more entries: this is where they go on.' }),
    resume: z
      .string()
      .optional()
      .meta({ description: 'These were the last entries so far: as `cursor`, it reads on from here later.' }),
  })
  .meta({ id: 'LogList' });
export type LogList = z.infer<typeof logListSchema>;

export const codeCountSchema = z.object({ code: z.string(), count }).meta({ id: 'CodeCount' });

export const actionStatsSchema = z
  .object({
    actionId: z.string(),
    status: z.enum(actionStatuses),
    run: count,
    counts: countsSchema,
    rowsPerSecond: seconds,
    batches: z.object({ total: count, done: count }),
    batchSeconds: spreadSchema.optional().meta({ description: 'From the start of a batch to its answer.' }),
    queueSeconds: spreadSchema.optional().meta({ description: 'From the dispatch of a batch to its start.' }),
    errorCodes: z
      .array(codeCountSchema)
      .optional()
      .meta({ description: "Errors of rows, the most frequent first. Known once the action's report is written." }),
    phases: z.array(
      z
        .object({
          phase: z.enum(phases),
          startedAt: time,
          finishedAt: time.optional().meta({ description: 'Absent while the phase lasts.' }),
          seconds,
        })
        .meta({ id: 'Phase' }),
    ),
  })
  .meta({ id: 'ActionStats' });
export type ActionStats = z.infer<typeof actionStatsSchema>;

const dayStatsSchema = z.object({ day: z.iso.date(), actions: count, counts: countsSchema }).meta({
  id: 'DayStats',
  description: 'Of the actions that ended on the day (UTC). Rows of dry runs are not counted.',
});

export const accountStatsSchema = z
  .object({
    days: z.array(dayStatsSchema).meta({ description: 'The last 30 days, the oldest first, today included.' }),
    actions: z
      .record(z.enum(actionStatuses), count)
      .meta({ description: 'By status: those that have not ended, and those that ended in these days.' }),
    errorRate: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'Invalid, failed and unprocessed rows in all rows of these days; 0 without rows.' }),
    queues: z.array(
      z
        .object({
          name: z.string(),
          waiting: count.meta({ description: 'Batches of all accounts that wait. Approximate, as SQS has it.' }),
          inFlight: count.meta({ description: 'Batches of all accounts that are worked on.' }),
          delayed: count.meta({ description: 'Batches of all accounts that are to be tried again later.' }),
        })
        .meta({ id: 'QueueLength' }),
    ),
    backlog: z.object({ batches: count, oldestSeconds: seconds }).meta({
      id: 'Backlog',
      description:
        "The account's own batches that have not answered, as of the last look at each action; and since when the oldest of them have been dispatched.",
    }),
  })
  .meta({ id: 'AccountStats' });
export type AccountStats = z.infer<typeof accountStatsSchema>;

export const logsAndStatsRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/bulk-actions/{actionId}/logs',
    operationId: 'listLogs',
    summary: 'What happened to an action and its rows, in order of time and row',
    function: 'read-logs',
    role: 'viewer',
    pathParameters: actionPath,
    query: listLogsQuerySchema,
    answers: { 200: logListSchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/bulk-actions/{actionId}/stats',
    operationId: 'getActionStats',
    summary: 'How fast an action was, where its time went, and what went wrong how often',
    function: 'read-stats',
    role: 'viewer',
    pathParameters: actionPath,
    answers: { 200: actionStatsSchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/bulk-actions/{actionId}/events',
    operationId: 'getBulkActionEvents',
    summary: "The action's state as server-sent events, if it is news; 204 once its end has been told",
    function: 'read-bulk-actions',
    role: 'viewer',
    pathParameters: actionPath,
    answers: { 200: 'events', 204: 'nothing' },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/stats',
    operationId: 'getAccountStats',
    summary: 'How the account is doing: actions by status, rows by day, queues',
    function: 'read-stats',
    role: 'viewer',
    answers: { 200: accountStatsSchema },
  },
];
