import type { z } from 'zod';
import { noCounts } from '../model/action.ts';
import type { referenceSchema } from '../model/api.ts';
import type { MappingRuns } from '../store/mapping-runs.ts';
import type { ReferenceStore } from '../store/reference-store.ts';
import { viewCounts } from './view-bulk-action.ts';

export type ReferenceView = z.infer<typeof referenceSchema>;

/** What the reference holds, by process; a 404 where no action has ever named it. */
export async function viewReference(
  { references, mappingRuns }: { references: ReferenceStore; mappingRuns: MappingRuns },
  accountId: string,
  referenceId: string,
): Promise<ReferenceView> {
  const processes = await references.existing(accountId, referenceId);
  const reference = { accountId, referenceId };
  return {
    referenceId,
    mapping: { ...(await mappingRuns.get(reference)), figures: await mappingRuns.figures(reference) },
    processes: processes.map(({ processName, runningActionId, lastActionId, counts = noCounts }) => ({
      processName,
      ...(runningActionId !== undefined && { runningActionId }),
      ...(lastActionId !== undefined && { lastActionId }),
      counts: viewCounts(counts),
    })),
  };
}
