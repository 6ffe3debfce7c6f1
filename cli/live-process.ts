import { readFileSync } from 'node:fs';

/** A process, told from a later one that was given the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, as Linux counts; absent elsewhere. */
  readonly began?: string;
}

/** This process. */
export function ownMark(): ProcessMark {
  const began = beginningOf(process.pid);
  return { pid: process.pid, ...(began !== undefined && { began }) };
}

/** True while that very process runs. Numbers come again: in a container a restarted program often has the one it had. */
export function isAlive({ pid, began }: ProcessMark): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || !isTaken(pid)) return false;
  return began === undefined || began === beginningOf(pid);
}

/** Signal 0 only asks whether the process is there; EPERM says that it is, under another user. */
function isTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The 22nd field of `/proc/PID/stat`: ticks from the boot of the machine. The second is a name that may hold anything. */
function beginningOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)?.trim().split(' ');
    return fields?.[19];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
