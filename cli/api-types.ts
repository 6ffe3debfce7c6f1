import type { z } from 'zod';
import type { createdKeySchema, keyListSchema } from '../lambdas/model/api/accounts.ts';
import type { cancelledBulkActionSchema, undoneBulkActionSchema } from '../lambdas/model/api/lifecycle.ts';
import type {
  bulkActionListSchema,
  createdBulkActionSchema,
  healthSchema,
  processListSchema,
  processSchema,
  reportSchema,
  rowListSchema,
  settledRowSchema,
} from '../lambdas/model/api.ts';

/** The HTTP contract's bodies as types: nothing of the service's code is loaded by the command line. */
export type { CreateKey, KeyView } from '../lambdas/model/api/accounts.ts';
export type { UndoList } from '../lambdas/model/api/lifecycle.ts';
export type { AccountStats, ActionStats, LogEntry, LogList } from '../lambdas/model/api/logs-and-stats.ts';
export type { CreatePreview, OfferedPreview, PreviewView } from '../lambdas/model/api/previews.ts';
export type { BulkActionView, CreateBulkAction, Upload } from '../lambdas/model/api.ts';
export type { RetrySelection } from '../lambdas/model/retry-selection.ts';
export type { UndoView } from '../lambdas/model/undo.ts';
export type CreatedBulkAction = z.infer<typeof createdBulkActionSchema>;
export type BulkActionList = z.infer<typeof bulkActionListSchema>;
export type ProcessDescription = z.infer<typeof processSchema>;
export type ProcessList = z.infer<typeof processListSchema>;
export type Report = z.infer<typeof reportSchema>;
export type RowList = z.infer<typeof rowListSchema>;
export type RowView = z.infer<typeof settledRowSchema>;
export type CancelledBulkAction = z.infer<typeof cancelledBulkActionSchema>;
export type UndoneBulkAction = z.infer<typeof undoneBulkActionSchema>;
export type CreatedKey = z.infer<typeof createdKeySchema>;
export type KeyList = z.infer<typeof keyListSchema>;
export type Health = z.infer<typeof healthSchema>;
