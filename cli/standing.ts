import type { BulkActionView } from './api-types.ts';
import { localTime } from './format.ts';

/** How the action stands: its status, and what it waits for. */
export function standing({
  status,
  waitingFor,
  startAt,
}: Pick<BulkActionView, 'status' | 'waitingFor' | 'startAt'>): string {
  if (waitingFor === 'start' && startAt !== undefined) return `${status}, starts ${localTime(startAt)}`;
  return waitingFor === undefined ? status : `${status}, waiting for ${waitingFor}`;
}
