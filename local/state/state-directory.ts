/** Where one local run keeps its files, held by one process at a time. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** @param directory absent = ephemeral: memory, and a temporary directory that is removed on release */
export function openStateDirectory(directory?: string): StateDirectory {
  if (!directory) {
    const temporary = mkdtempSync(join(tmpdir(), 'rollcall-'));
    return { ...files(temporary), release: () => rmSync(temporary, { recursive: true, force: true }) };
  }
  mkdirSync(directory, { recursive: true });
  const release = lock(join(directory, 'lock'), directory);
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

function lock(path: string, directory: string): () => void {
  const own = String(process.pid);
  try {
    writeFileSync(path, own, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = Number(readFileSync(path, 'utf8'));
    if (holder !== process.pid && isRunning(holder)) {
      throw new Error(
        `${directory} is in use by another local stack (process ${holder}). Stop that one, or use another state directory.`,
      );
    }
    // Its holder was killed.
    writeFileSync(path, own);
  }
  return () => rmSync(path, { force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is a running one too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
