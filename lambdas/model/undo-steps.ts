import { z } from 'zod';

const count = z.number().int().min(0);

/** How far the undoing of an action is: what the states of `undo-action` hand each other. */
export const undoProgressSchema = z.object({
  /** `busy`: another action has the reference and process; come again. `over`: the undoing has ended already. */
  outcome: z.enum(['busy', 'again', 'done', 'over']),
  waitSeconds: count,
  /** Chunks of this pass that are done. */
  chunks: count,
  deleted: count,
  restored: count,
  skipped: count,
  /** Of those skipped: entities below which others stood. Where they go too, another pass takes their parents. */
  stillNamed: count,
  /** What the pass before had deleted. A pass that gets no further is the last. */
  deletedBefore: count,
});
export type UndoProgress = z.infer<typeof undoProgressSchema>;

export const nothingUndone: UndoProgress = {
  outcome: 'again',
  waitSeconds: 0,
  chunks: 0,
  deleted: 0,
  restored: 0,
  skipped: 0,
  stillNamed: 0,
  deletedBefore: 0,
};

const undoIdentity = z.object({
  accountId: z.string(),
  actionId: z.string(),
  referenceId: z.string(),
  /** Which asking for it this is, counted from 1. */
  attempt: z.number().int().positive(),
  /** When a mapping that follows ends at the latest, ISO 8601 UTC. */
  until: z.iso.datetime(),
});

/** The input of an execution of `undo-action`, and of its undo-rows. */
export const undoInputSchema = undoIdentity.extend({ progress: undoProgressSchema });
export type UndoInput = z.infer<typeof undoInputSchema>;

/** `failed`: what was done is done, and asking for it again goes on. */
export const finishUndoInputSchema = undoIdentity.extend({
  progress: undoProgressSchema,
  status: z.enum(['completed', 'failed']),
});
export type FinishUndoInput = z.infer<typeof finishUndoInputSchema>;
