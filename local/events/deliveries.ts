/**
 * What has to reach a target some time: written down before it is tried and struck off when it has arrived, so that a kill
 * in between loses nothing. Events, schedules and asynchronous invocations all go this way.
 */
import { randomUUID } from 'node:crypto';
import type { Journal } from '../state/journal.ts';

export interface Delivery {
  /** Stays the same when the delivery is repeated after a restart. */
  id: string;
  targetArn: string;
  /** JSON text. */
  payload: string;
  /** Where the payload goes if the target fails for good. */
  deadLetterArn?: string;
}

export interface Deliveries {
  /** Writes them down and starts them once the current transaction is over. */
  add(deliveries: Array<Omit<Delivery, 'id'>>): void;
  /** Starts what a former run left behind. */
  resume(): void;
  /** Those that have not arrived yet. */
  readonly pending: number;
  stop(): void;
}

export interface DeliveriesOptions {
  journal: Journal;
  /** Rejects when the target failed for good, which is the end of the delivery too. */
  deliver(delivery: Delivery): Promise<void>;
  /** For fault tests: everything arrives twice. */
  twice: boolean;
  report(message: string): void;
}

export function createDeliveries({ journal, deliver, twice, report }: DeliveriesOptions): Deliveries {
  const { database } = journal;
  database.exec(
    'CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, targetArn TEXT NOT NULL, payload TEXT NOT NULL, deadLetterArn TEXT)',
  );
  const insert = database.prepare('INSERT INTO deliveries (id, targetArn, payload, deadLetterArn) VALUES (?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM deliveries WHERE id = ?');
  // Read before this run adds its own.
  const leftBehind = database
    .prepare('SELECT id, targetArn, payload, deadLetterArn FROM deliveries ORDER BY rowid')
    .all();
  let pending = 0;
  let stopped = false;

  async function attempt(delivery: Delivery): Promise<void> {
    try {
      await deliver(delivery);
      if (twice) await deliver({ ...delivery, id: randomUUID() });
    } catch (error) {
      // A stopping stack fails everything it still runs. That is no answer of the target: the next start tries again.
      if (!stopped) report(`A delivery to ${delivery.targetArn} failed for good: ${(error as Error).message}`);
    }
    if (stopped) return;
    remove.run(delivery.id);
    pending--;
  }

  function start(delivery: Delivery): void {
    pending++;
    setImmediate(() => {
      if (!stopped) void attempt(delivery);
    });
  }

  return {
    add(deliveries) {
      const written = deliveries.map((delivery) => ({ ...delivery, id: randomUUID() }));
      journal.together(() => {
        for (const { id, targetArn, payload, deadLetterArn } of written)
          insert.run(id, targetArn, payload, deadLetterArn ?? null);
      });
      for (const delivery of written) start(delivery);
    },
    resume() {
      for (const row of leftBehind.splice(0)) {
        start({ ...row, deadLetterArn: row.deadLetterArn ?? undefined } as unknown as Delivery);
      }
    },
    get pending() {
      return pending;
    },
    stop: () => {
      stopped = true;
    },
  };
}
