import type { z } from 'zod';
import { noCounts } from '../model/action.ts';
import type { referenceSchema } from '../model/api.ts';
import { ProblemError } from '../model/problem.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { viewCounts } from './view-bulk-action.ts';

export type ReferenceView = z.infer<typeof referenceSchema>;

/** What the reference holds, by process; a 404 where no action has ever named it. */
export async function viewReference(
  references: ReferenceStore,
  accountId: string,
  referenceId: string,
): Promise<ReferenceView> {
  const processes = await references.processes(accountId, referenceId);
  if (processes.length === 0) throw new ProblemError('not_found', `There is no reference ${referenceId}.`);
  return {
    referenceId,
    processes: processes.map(({ processName, runningActionId, lastActionId, counts = noCounts }) => ({
      processName,
      ...(runningActionId !== undefined && { runningActionId }),
      ...(lastActionId !== undefined && { lastActionId }),
      counts: viewCounts(counts),
    })),
  };
}
