import type { AccountStats, ActionStats } from './api-types.ts';
import { duration, localTime, number, plural } from './format.ts';
import { inOrder } from './summary.ts';
import { table } from './table.ts';

/** The figures of an action for people, line by line. */
export function describeActionStats(stats: ActionStats): string[] {
  const { actionId, status, run, counts, rowsPerSecond, batches, errorCodes = [] } = stats;
  const occurred = Object.entries(inOrder(counts)).filter(([, count]) => count > 0);
  return [
    ...table(
      [{ title: 'action' }, { title: actionId }],
      [
        ['status', run === 0 ? status : `${status}, after ${plural(run, 'retry').replace('retrys', 'retries')}`],
        ['pace', `${number(rowsPerSecond)} rows/s`],
        ['batches', `${number(batches.done)} of ${number(batches.total)}`],
      ],
    ),
    ...section(
      ['rows', ''],
      occurred.map(([answer, count]) => [answer, number(count)]),
    ),
    ...section(['batches', 'p50', 'p95', 'max'], spreads(stats)),
    ...section(['phase', 'began', 'took'], stats.phases.map(phaseLine)),
    ...section(
      ['error', 'times'],
      errorCodes.map(({ code, count }) => [code, number(count)]),
    ),
  ];
}

function spreads({ batchSeconds, queueSeconds }: ActionStats): string[][] {
  const rows: [string, ActionStats['batchSeconds']][] = [
    ['took', batchSeconds],
    ['waited', queueSeconds],
  ];
  return rows.flatMap(([name, spread]) =>
    spread ? [[name, duration(spread.p50), duration(spread.p95), duration(spread.max)]] : [],
  );
}

function phaseLine({ phase, startedAt, finishedAt, seconds }: ActionStats['phases'][number]): string[] {
  return [phase, localTime(startedAt), `${duration(seconds)}${finishedAt === undefined ? ' so far' : ''}`];
}

/** The figures of an account for people, line by line. Days and statuses without any action are left out. */
export function describeAccountStats({ actions, days, errorRate, queues, backlog }: AccountStats): string[] {
  const statuses = Object.entries(actions).filter(([, count]) => count > 0);
  const active = days.filter((day) => day.actions > 0);
  const rows = days.reduce((sum, { counts }) => sum + counts.rows, 0);
  return [
    `${plural(rows, 'row')} in ${days.length} days, ${(errorRate * 100).toFixed(1)} % of them invalid, failed or unprocessed`,
    `${number(backlog.batches)} of the account's batches under way${backlog.batches > 0 ? `, the oldest for ${duration(backlog.oldestSeconds)}` : ''}`,
    ...section(
      ['actions', ''],
      statuses.map(([status, count]) => [status, number(count)]),
    ),
    ...section(
      ['day', 'actions', 'rows', 'created', 'wrong'],
      active.map(({ day, actions: ended, counts }) => [
        day,
        number(ended),
        number(counts.rows),
        number(counts.created),
        number(counts.invalid + counts.failed + counts.unprocessed),
      ]),
    ),
    ...section(
      ['queue', 'waiting', 'in flight', 'delayed'],
      queues.map(({ name, waiting, inFlight, delayed }) => [name, number(waiting), number(inFlight), number(delayed)]),
    ),
  ];
}

/** A table under an empty line; nothing where it would have no rows. Figures stand to the right. */
function section(titles: readonly string[], rows: readonly string[][]): string[] {
  if (rows.length === 0) return [];
  const columns = titles.map((title, index) => ({
    title,
    align: index === 0 ? ('left' as const) : ('right' as const),
  }));
  return ['', ...table(columns, rows)];
}
