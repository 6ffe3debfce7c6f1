import { z } from 'zod';
import { actionKinds, actionStatuses, type BulkAction, countsSchema } from './action.ts';
import { derivedUuid } from './identity.ts';
import { mappingFiguresSchema } from './mapping.ts';

/** The EventBridge detail type of an action's end; its source is `rollcall`. */
export const endEventType = 'Bulk Action Ended';

/** What the world is told at the end of an action's run: names and figures, no row, nothing that lets anybody in. */
export const endEventSchema = z.object({
  /** Follows from the action and its run, so that whoever hears of an end twice can tell. */
  eventId: z.uuid(),
  accountId: z.string(),
  actionId: z.string(),
  run: z.number().int(),
  referenceId: z.string(),
  processName: z.string(),
  action: z.enum(actionKinds),
  status: z.enum(actionStatuses),
  /** Present when nothing was written: the counts say what would have been. */
  dryRun: z.literal(true).optional(),
  counts: countsSchema,
  revived: z.object({ rows: z.number(), created: z.number(), failed: z.number() }),
  mapping: mappingFiguresSchema.optional(),
  /** Path of the API under which the report's addresses are to be had, with a key. */
  reportUrl: z.string(),
  /** ISO 8601 UTC. */
  finishedAt: z.string(),
});
export type EndEvent = z.infer<typeof endEventSchema>;

/** The event of an ended action's last run. */
export function endEventOf(ended: BulkAction): EndEvent {
  const { accountId, actionId, run, referenceId, processName, action, status, dryRun, counts, revived, mapping } =
    ended;
  return {
    eventId: derivedUuid('bulk action ended', actionId, String(run)),
    accountId,
    actionId,
    run,
    referenceId,
    processName,
    action,
    status,
    ...(dryRun && { dryRun }),
    counts,
    revived,
    ...(mapping && { mapping }),
    reportUrl: `/api/bulk-actions/${actionId}/report`,
    finishedAt: ended.finishedAt ?? ended.updatedAt,
  };
}
