import { z } from 'zod';
import { actionStatuses } from '../action.ts';
import { undoSchema } from '../undo.ts';
import { cursor, limit, time } from './paging.ts';
import { actionPath } from './paths.ts';
import type { Route } from './route.ts';
import { rowErrorSchema } from './row-error.ts';

export const cancelledBulkActionSchema = z
  .object({
    actionId: z.string(),
    status: z.enum(actionStatuses).meta({
      description: '`cancelled`, or while the rows are being settled what it was when it was cancelled.',
    }),
    cancelRequestedAt: time,
  })
  .meta({ id: 'CancelledBulkAction' });

export const undoneBulkActionSchema = z
  .object({ actionId: z.string(), undo: undoSchema })
  .meta({ id: 'UndoneBulkAction' });

const undoQuerySchema = z.strictObject({ cursor: cursor.optional(), limit });
export type UndoQuery = z.output<typeof undoQuerySchema>;

export const undoListSchema = z
  .object({
    undo: undoSchema,
    items: z
      .array(
        z
          .object({
            rowNumber: z.number().int(),
            uniqueIdentifier: z.string().optional(),
            entityId: z.string(),
            error: rowErrorSchema,
          })
          .meta({ id: 'SkippedEntity' }),
      )
      .meta({ description: 'Entities that were left alone, and why.' }),
    cursor: z.string().optional(),
  })
  .meta({ id: 'UndoList' });
export type UndoList = z.infer<typeof undoListSchema>;

/** What may be asked of an action besides running it. */
export const lifecycleRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/bulk-actions/{actionId}/cancel',
    operationId: 'cancelBulkAction',
    summary: 'Cancel an action that has not ended',
    function: 'cancel-bulk-action',
    role: 'operator',
    pathParameters: actionPath,
    answers: { 202: cancelledBulkActionSchema },
    problems: ['not_found', 'illegal_transition'],
  },
  {
    method: 'POST',
    path: '/api/bulk-actions/{actionId}/undo',
    operationId: 'undoBulkAction',
    summary: 'Undo an ended action: delete what it created, restore what it changed',
    function: 'undo-bulk-action',
    role: 'operator',
    pathParameters: actionPath,
    answers: { 202: undoneBulkActionSchema },
    problems: ['not_found', 'illegal_transition', 'action_running', 'not_undoable'],
  },
  {
    method: 'GET',
    path: '/api/bulk-actions/{actionId}/undo',
    operationId: 'getUndo',
    summary: 'How far the undoing of an action is, and which entities it left alone',
    function: 'read-bulk-actions',
    role: 'viewer',
    pathParameters: actionPath,
    query: undoQuerySchema,
    answers: { 200: undoListSchema },
    problems: ['not_found'],
  },
];
