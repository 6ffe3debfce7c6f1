/** The local run's own memory: one SQLite file for what must survive a kill. Each part keeps its own tables in it. */
import { DatabaseSync } from 'node:sqlite';

export interface Journal {
  database: DatabaseSync;
  /** Runs the work so that all of its writes are kept, or none. Nested calls join the outer one. */
  together<T>(work: () => T): T;
  close(): void;
}

/** @param path absent = in memory */
export function openJournal(path?: string): Journal {
  const database = new DatabaseSync(path ?? ':memory:');
  // A killed process loses nothing in this mode; only a power cut could take the last commits, and it would be no AWS then.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  let depth = 0;
  return {
    database,
    together(work) {
      if (depth > 0) return work();
      depth++;
      database.exec('BEGIN');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      } finally {
        depth--;
      }
    },
    close: () => database.close(),
  };
}
