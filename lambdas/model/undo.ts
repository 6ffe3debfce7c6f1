import { z } from 'zod';

export const undoStatuses = ['running', 'completed', 'failed'] as const;
export type UndoStatus = (typeof undoStatuses)[number];

const count = z.number().int().min(0);

/** How far the undoing of an action is, and what came of it. */
export const undoSchema = z
  .object({
    status: z.enum(undoStatuses),
    deleted: count.meta({ description: 'Entities that the action had created and that are gone.' }),
    restored: count.meta({ description: 'Entities that are as they were before the action.' }),
    skipped: count.meta({ description: 'Entities that were changed since and are left alone.' }),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Undo' });
export type UndoView = z.infer<typeof undoSchema>;

/** What an action remembers of its undoing. */
export interface Undo extends UndoView {
  /** How often it was asked for; names the execution. */
  readonly attempt: number;
}
