import { createHash } from 'node:crypto';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type ActionStatus, type Counts, noCounts, terminalStatuses } from '../model/action.ts';
import { pause } from './concurrently.ts';
import { type ControlTable, expressionsOf, type ItemKey } from './control-table.ts';

/** An action's run that has ended. */
export interface EndedRun {
  readonly accountId: string;
  readonly actionId: string;
  readonly run: number;
  readonly status: ActionStatus;
  readonly counts: Counts;
  /** ISO 8601 UTC. */
  readonly finishedAt: string;
}

/** Sums over the actions that ended on a day. */
export interface AccountDay {
  /** `2026-11-22`, UTC. */
  readonly day: string;
  readonly byStatus: Partial<Record<ActionStatus, number>>;
  readonly counts: Counts;
}

/** Where an ended action was counted. */
interface Counted {
  readonly run: number;
  /** The sort key of the sums. */
  readonly countedIn: string;
  readonly status: ActionStatus;
  readonly counts: Counts;
}

/** Actions of one account may end at the same moment; each shard takes one of these writes at a time. */
const shards = 8;
/** Two transactions on one item at the same moment cancel each other, and the SDK does not try them again. */
const attempts = 10;
const pauseMs = 20;
const keptDays = 90;

/**
 * What an account's actions came to, day by day, in the control table: PK `DAYS#account`, SK `2026-11-22#shard`. An action
 * is counted on the day on which its last run ended: beside the sums lies, for each action, where it was counted
 * (`COUNTED#action`), and both change in one transaction.
 */
export class AccountDays {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  /** Counts the end of a run, in place of the action's runs before. False when it was counted already. */
  async count(ended: EndedRun): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const before = await this.control.get<Counted>(countedKey(ended));
      if (before && before.run >= ended.run) return false;
      try {
        await this.write(ended, before);
        return true;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException) || attempt === attempts) throw error;
        await pause(Math.random() * pauseMs * attempt);
      }
    }
  }

  /** The account's days from `first` on (`2026-10-24`), those without an end left out, in order. */
  async list(accountId: string, first: string): Promise<AccountDay[]> {
    const pk = partition(accountId);
    const { items } = await this.control.page<Record<string, number> & ItemKey>(
      {
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        // A colon is behind every digit: what lies beside the days is not read.
        ExpressionAttributeValues: { ':pk': pk, ':first': first, ':last': ':' },
      },
      shards * (keptDays + 1),
      undefined,
      ['pk', pk],
    );
    const byDay = Map.groupBy(items, ({ sk }) => sk.slice(0, 10));
    return [...byDay].map(([day, parts]) => sumOf(day, parts));
  }

  private async write(ended: EndedRun, before: Counted | undefined): Promise<void> {
    const TableName = this.control.name;
    const expiresAt = Math.floor(Date.now() / 1_000) + keptDays * 86_400;
    const { run, status, counts } = ended;
    const sk = `${ended.finishedAt.slice(0, 10)}#${shardOf(ended.actionId)}`;
    const sums = new Map([[sk, figuresOf({ status, counts }, 1)]]);
    if (before) sums.set(before.countedIn, added(sums.get(before.countedIn) ?? {}, figuresOf(before, -1)));
    const counted = expressionsOf({
      set: { run, countedIn: sk, status, counts, expiresAt },
      when: { run: before?.run },
    });
    await this.control.client.send(
      new TransactWriteCommand({
        TransactItems: [
          { Update: { TableName, Key: countedKey(ended), ...counted } },
          ...[...sums].map(([day, add]) => ({
            Update: {
              TableName,
              Key: { pk: partition(ended.accountId), sk: day },
              ...expressionsOf({ add, set: { expiresAt } }),
            },
          })),
        ],
      }),
    );
  }
}

function partition(accountId: string): string {
  return `DAYS#${accountId}`;
}

function countedKey({ accountId, actionId }: Pick<EndedRun, 'accountId' | 'actionId'>): ItemKey {
  return { pk: partition(accountId), sk: `COUNTED#${actionId}` };
}

function shardOf(actionId: string): number {
  return (createHash('sha256').update(actionId).digest()[0] ?? 0) % shards;
}

type Figures = Record<string, number>;

/** What an action adds to its day, or takes from it. */
function figuresOf({ status, counts }: Pick<Counted, 'status' | 'counts'>, sign: 1 | -1): Figures {
  const occurred = Object.entries(counts).filter(([, count]) => count > 0);
  return { [statusFigure(status)]: sign, ...Object.fromEntries(occurred.map(([name, count]) => [name, sign * count])) };
}

function statusFigure(status: ActionStatus): string {
  return `status_${status}`;
}

function added(a: Figures, b: Figures): Figures {
  const sum = { ...a };
  for (const [name, figure] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + figure;
  return sum;
}

function sumOf(day: string, parts: readonly Figures[]): AccountDay {
  const sum = parts.reduce(added, {});
  const byStatus = terminalStatuses.map((status) => [status, sum[statusFigure(status)] ?? 0]);
  const counts = Object.keys(noCounts).map((name) => [name, sum[name] ?? 0]);
  return { day, byStatus: Object.fromEntries(byStatus), counts: Object.fromEntries(counts) as Counts };
}
