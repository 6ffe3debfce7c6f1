import { z } from 'zod';
import { actionStatuses } from '../action.ts';
import type { Route } from '../api.ts';
import { time } from './paging.ts';

const actionPath = z.object({ actionId: z.uuid() });

export const cancelledBulkActionSchema = z
  .object({
    actionId: z.string(),
    status: z.enum(actionStatuses).meta({
      description: '`cancelled`, or while the rows are being settled what it was when it was cancelled.',
    }),
    cancelRequestedAt: time,
  })
  .meta({ id: 'CancelledBulkAction' });

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
];
