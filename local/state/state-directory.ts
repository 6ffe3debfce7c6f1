/** Where one local run keeps its files, held by one process at a time. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface StateDirectory {
  /** Absent paths mean: keep it in memory. */
  databasePath?: string;
  messageDirectory?: string;
  journalPath?: string;
  objectDirectory: string;
  inlineCodeDirectory: string;
  logFile(functionName: string): string;
  /** Lets go of the directory; an ephemeral one is removed. */
  release(): void;
}

/** A log is for the last days of work; it starts anew when it has become larger than this. */
const LARGEST_LOG_BYTES = 20 * 1024 * 1024;

const SQLITE_BUSY = 5;

/** @param directory absent = ephemeral: memory, and a temporary directory that is removed on release */
export function openStateDirectory(directory?: string): StateDirectory {
  if (!directory) {
    const temporary = mkdtempSync(join(tmpdir(), 'rollcall-'));
    return { ...files(temporary), release: () => rmSync(temporary, { recursive: true, force: true }) };
  }
  mkdirSync(directory, { recursive: true });
  const release = lock(directory);
  return {
    ...files(directory),
    databasePath: join(directory, 'dynamodb.sqlite'),
    messageDirectory: join(directory, 'messages'),
    journalPath: join(directory, 'journal.sqlite'),
    release,
  };
}

function files(directory: string) {
  const logs = join(directory, 'logs');
  mkdirSync(logs, { recursive: true });
  return {
    objectDirectory: join(directory, 'objects'),
    inlineCodeDirectory: join(directory, 'code'),
    logFile: (functionName: string) => {
      const path = join(logs, `${functionName}.ndjson`);
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (size > LARGEST_LOG_BYTES) truncateSync(path);
      return path;
    },
  };
}

/** Held by the system for this process, so that it is free again however the process ends. `lock` names the holder. */
function lock(directory: string): () => void {
  const holderFile = join(directory, 'lock');
  const database = new DatabaseSync(join(directory, 'lock.sqlite'));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new Error(
      `${directory} is in use by another local stack (process ${holderIn(holderFile)}). Stop that one, or use another state directory.`,
      { cause: error },
    );
  }
  writeFileSync(holderFile, String(process.pid));
  return () => {
    rmSync(holderFile, { force: true });
    database.close();
  };
}

/** The holder writes its number right after it has the lock. */
function holderIn(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : 'starting';
}
