import { z } from 'zod';
import { referenceIdSchema } from './account.ts';
import { actionProblemSchema, actionStatuses, countsSchema, invalidRowPolicies, waitReasons } from './action.ts';
import { accountRoutes } from './api/accounts.ts';
import { entityRoutes } from './api/entities.ts';
import { lifecycleRoutes } from './api/lifecycle.ts';
import { logsAndStatsRoutes } from './api/logs-and-stats.ts';
import { cursor, limit, time } from './api/paging.ts';
import { actionPath } from './api/paths.ts';
import { previewRoutes } from './api/previews.ts';
import { recordSchema } from './api/record.ts';
import type { Route } from './api/route.ts';
import { rowErrorSchema } from './api/row-error.ts';
import { checkRowSource } from './api/row-source.ts';
import { sheetNameSchema, uploadSchema } from './api/uploads.ts';
import { webhookRoutes } from './api/webhooks.ts';
import { columnMappingSchema } from './column-mapping.ts';
import { hierarchyLevels } from './hierarchy.ts';
import { normalizeIdentifier } from './identity.ts';
import { mappingFiguresSchema, mappingRunStatuses, mappingStatuses, mappingTypes } from './mapping.ts';
import { retrySelectionSchema } from './retry-selection.ts';
import { rowAnswers } from './row.ts';
import { undoSchema } from './undo.ts';

export type { Upload } from './api/uploads.ts';

/** The HTTP API's bodies, one schema each; the OpenAPI document, the validation and the types come from these. */

export const createBulkActionSchema = z
  .strictObject({
    referenceId: referenceIdSchema,
    processName: z.string().min(1).max(64),
    fileName: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .meta({ description: "The sheet's name; with `size`, in place of `records`." }),
    size: z.number().int().positive().optional().meta({ description: 'Bytes of the sheet.' }),
    records: z.array(recordSchema).min(1).optional().meta({ description: 'The rows themselves, in place of a file.' }),
    entityIds: z.array(z.string().min(1).max(64)).min(1).optional().meta({
      description: 'Entities to change or delete alike, in place of a file; with `fieldsToUpdate` for a change.',
    }),
    fieldsToUpdate: recordSchema.optional().meta({ description: 'One change for all `entityIds`: values by field.' }),
    clearEmpty: z
      .boolean()
      .optional()
      .meta({ description: 'An empty cell clears its field. By default it leaves the field as it is.' }),
    dryRun: z
      .boolean()
      .optional()
      .meta({ description: 'Run everything but the writes to entities, and report what would be.' }),
    sheetName: sheetNameSchema,
    onInvalidRow: z.enum(invalidRowPolicies).optional().meta({ description: "Overrides the process's policy." }),
    startAt: time.optional().meta({
      description: 'Start then, and not as soon as the sheet is there: a time to come, at most a year from now.',
    }),
    columns: columnMappingSchema.optional(),
  })
  .superRefine(checkRowSource)
  .meta({ id: 'CreateBulkAction' });
export type CreateBulkAction = z.infer<typeof createBulkActionSchema>;

export const createdBulkActionSchema = z
  .object({ actionId: z.string(), status: z.enum(actionStatuses), upload: uploadSchema.optional() })
  .meta({ id: 'CreatedBulkAction' });

export const completeUploadSchema = z
  .strictObject({
    parts: z
      .array(z.strictObject({ partNumber: z.number().int().min(1).max(10_000), etag: z.string().min(1) }))
      .min(1)
      .max(10_000),
  })
  .meta({ id: 'CompleteUpload' });

export const bulkActionSchema = z
  .object({
    actionId: z.string(),
    referenceId: z.string(),
    processName: z.string(),
    status: z.enum(actionStatuses),
    startAt: time.optional(),
    waitingFor: z
      .enum(waitReasons)
      .optional()
      .meta({ description: 'What it waits for before it runs, besides its sheet.' }),
    run: z.number().int(),
    dryRun: z.literal(true).optional().meta({ description: 'Present when nothing was, or will be, written.' }),
    counts: countsSchema,
    revived: z.object({ rows: z.number().int(), created: z.number().int(), failed: z.number().int() }),
    progress: z.object({
      percent: z.number().min(0).max(100),
      rowsPerSecond: z.number().min(0),
      etaSeconds: z.number().min(0).nullable(),
    }),
    batches: z.object({ total: z.number().int(), done: z.number().int() }),
    mapping: mappingFiguresSchema
      .optional()
      .meta({ description: "The reference's mappings of the action's type when its mapping had ended." }),
    source: z
      .object({ kind: z.enum(['upload', 'records', 'inbox']), fileName: z.string(), size: z.number().int().min(0) })
      .meta({ id: 'Source', description: 'Where the rows came from; `size` in bytes.' }),
    sheet: z
      .object({
        format: z.string(),
        encoding: z.string().optional(),
        delimiter: z.string().optional(),
        sheetName: z.string().optional(),
      })
      .optional(),
    columns: columnMappingSchema.optional(),
    createdAt: time,
    startedAt: time.optional(),
    updatedAt: time,
    finishedAt: time.optional(),
    deadlineAt: time,
    cancelRequestedAt: time.optional(),
    undo: undoSchema.optional(),
    execution: z.string().optional().meta({ description: "ARN of the run's Step Functions execution." }),
    problem: actionProblemSchema.optional(),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'BulkAction' });
export type BulkActionView = z.infer<typeof bulkActionSchema>;

export const bulkActionListSchema = z
  .object({ items: z.array(bulkActionSchema), cursor: z.string().optional() })
  .meta({ id: 'BulkActionList' });

export const listBulkActionsQuerySchema = z.strictObject({
  referenceId: referenceIdSchema.optional(),
  status: z.enum(actionStatuses).optional(),
  waitingFor: z.enum(waitReasons).optional(),
  cursor: cursor.optional(),
  limit,
});

export const settledRowSchema = z
  .object({
    rowNumber: z.number().int(),
    answer: z.enum(rowAnswers),
    uniqueIdentifier: z.string().optional(),
    entityId: z.string().optional(),
    errors: z.array(rowErrorSchema).optional(),
  })
  .meta({ id: 'Row' });
export const listRowsQuerySchema = z.strictObject({
  status: z.enum(rowAnswers).optional(),
  cursor: cursor.optional(),
  limit,
});
export const rowListSchema = z
  .object({ items: z.array(settledRowSchema), cursor: z.string().optional() })
  .meta({ id: 'RowList' });

export const reportSchema = z
  .object({
    report: z.url().meta({ description: "Every input row once, in input order, in the sheet's own format." }),
    failed: z
      .url()
      .optional()
      .meta({ description: 'Invalid and failed rows as CSV, ready to be corrected and uploaded again.' }),
    revived: z.url().optional().meta({ description: 'Rows of earlier sheets that this action took up again.' }),
    summary: z.url(),
    expiresAt: time,
  })
  .partial({ report: true })
  .meta({ id: 'Report' });

export const mappingRunSchema = z
  .object({
    status: z.enum(mappingRunStatuses),
    execution: z.string().optional().meta({ description: "ARN of the last run's Step Functions execution." }),
    cycle: z.number().int().min(0).optional().meta({ description: 'How often it has gone over what was left.' }),
    updatedAt: time.optional(),
  })
  .meta({ id: 'MappingRun', description: "The last run of a reference's boundary mapping." });

export const referenceSchema = z
  .object({
    referenceId: z.string(),
    mapping: mappingRunSchema
      .extend({
        figures: z
          .array(mappingFiguresSchema.extend({ type: z.enum(mappingTypes) }).meta({ id: 'MappingFiguresOfType' }))
          .meta({ description: 'By type, as counted when an action or a mapping run last ended.' }),
      })
      .meta({ id: 'ReferenceMapping' }),
    processes: z.array(
      z.object({
        processName: z.string(),
        runningActionId: z.string().optional(),
        lastActionId: z.string().optional(),
        counts: countsSchema,
      }),
    ),
  })
  .meta({ id: 'Reference' });

export const listMappingsQuerySchema = z.strictObject({
  type: z.enum(mappingTypes).optional(),
  status: z.enum(mappingStatuses).optional(),
  boundaryCode: z.string().min(1).max(64).optional(),
  cursor: cursor.optional(),
  limit,
});
export const mappingSchema = z
  .object({
    uniqueIdentifier: z.string(),
    boundaryCode: z.string(),
    type: z.enum(mappingTypes),
    status: z.enum(mappingStatuses),
    mappingId: z.string().nullable().meta({ description: 'Given by the boundary API; null while nothing is mapped.' }),
    attempts: z.number().int().min(0).meta({ description: 'Failed attempts since the last change of status.' }),
    lastError: z.string().optional(),
  })
  .meta({ id: 'Mapping' });
export const mappingListSchema = z
  .object({ items: z.array(mappingSchema), cursor: z.string().optional() })
  .meta({ id: 'MappingList' });

export const boundarySchema = z
  .object({
    code: z.string(),
    name: z.string(),
    boundaryType: z.string(),
    parentCode: z.string().nullable().meta({ description: 'Null for a root.' }),
    level: z.number().int().min(0).meta({ description: '0 for a root.' }),
    entityId: z.string(),
    referenceId: z.string().meta({ description: 'The reference whose action created it.' }),
    createdAt: time,
  })
  .meta({ id: 'Boundary' });
export const boundaryListSchema = z
  .object({ items: z.array(boundarySchema), cursor: z.string().optional() })
  .meta({ id: 'BoundaryList' });
const boundaryPath = z.object({ code: z.string().min(1).max(64).transform(normalizeIdentifier) });
const pageQuerySchema = z.strictObject({ cursor: cursor.optional(), limit });
const descendantsQuerySchema = pageQuerySchema.extend({
  depth: z.coerce
    .number()
    .int()
    .min(1)
    .max(hierarchyLevels)
    .default(hierarchyLevels)
    .meta({ description: 'Levels below the boundary at most; all by default.' }),
});

export const processSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    entity: z.string(),
    action: z.string(),
    uniqueColumn: z.string(),
    identifiedBy: z
      .array(z.string())
      .optional()
      .meta({ description: 'Columns of which a row needs at least one, where each alone says which entity is meant.' }),
    onInvalidRow: z.enum(invalidRowPolicies),
    columns: z.array(
      z.object({
        name: z.string(),
        required: z.boolean(),
        description: z.string(),
        example: z.string(),
        expected: z.string(),
        choices: z.array(z.string()).optional(),
      }),
    ),
  })
  .meta({ id: 'Process' });
export const processListSchema = z.object({ items: z.array(processSchema) }).meta({ id: 'ProcessList' });
export const templateQuerySchema = z.strictObject({ format: z.enum(['xlsx', 'csv']).default('xlsx') });
export const healthSchema = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });

export const referencePathSchema = z.object({ referenceId: referenceIdSchema });
export const processPathSchema = z.object({ name: z.string().max(64) });

/** Every operation; the stack's routes, the authorization, the OpenAPI document and the tests read this table. */
export const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/bulk-actions',
    operationId: 'createBulkAction',
    summary: 'Submit a sheet or records',
    function: 'create-bulk-action',
    role: 'operator',
    body: createBulkActionSchema,
    answers: { 201: createdBulkActionSchema, 202: createdBulkActionSchema },
    problems: ['action_running', 'idempotency_conflict', 'payload_too_large', 'unsupported_media_type', 'not_found'],
  },
  {
    method: 'POST',
    path: '/api/bulk-actions/{actionId}/upload/complete',
    operationId: 'completeUpload',
    summary: 'Complete an upload in parts',
    function: 'complete-upload',
    role: 'operator',
    pathParameters: actionPath,
    body: completeUploadSchema,
    answers: { 202: createdBulkActionSchema },
    problems: ['not_found', 'upload_incomplete', 'illegal_transition', 'unsupported_media_type'],
  },
  {
    method: 'GET',
    path: '/api/bulk-actions',
    operationId: 'listBulkActions',
    summary: "The account's actions, newest first",
    function: 'read-bulk-actions',
    role: 'viewer',
    query: listBulkActionsQuerySchema,
    answers: { 200: bulkActionListSchema },
  },
  {
    method: 'GET',
    path: '/api/bulk-actions/{actionId}',
    operationId: 'getBulkAction',
    summary: 'One action: status, counts, progress',
    function: 'read-bulk-actions',
    role: 'viewer',
    pathParameters: actionPath,
    answers: { 200: bulkActionSchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/bulk-actions/{actionId}/rows',
    operationId: 'listRows',
    summary: "An ended action's rows and their answers, in input order",
    function: 'read-bulk-actions',
    role: 'viewer',
    pathParameters: actionPath,
    query: listRowsQuerySchema,
    answers: { 200: rowListSchema },
    problems: ['not_found', 'illegal_transition', 'no_longer_kept'],
  },
  {
    method: 'GET',
    path: '/api/bulk-actions/{actionId}/report',
    operationId: 'getReport',
    summary: 'Links to the report, the failed rows and the summary',
    function: 'read-bulk-actions',
    role: 'viewer',
    pathParameters: actionPath,
    answers: { 200: reportSchema },
    problems: ['not_found', 'illegal_transition', 'no_longer_kept'],
  },
  {
    method: 'POST',
    path: '/api/bulk-actions/{actionId}/retry',
    operationId: 'retryBulkAction',
    summary: 'Run the failed rows of an ended action again, or some of them',
    function: 'retry-bulk-action',
    role: 'operator',
    pathParameters: actionPath,
    body: retrySelectionSchema.optional(),
    answers: { 202: createdBulkActionSchema },
    problems: ['not_found', 'illegal_transition', 'action_running', 'nothing_selected'],
  },
  {
    method: 'GET',
    path: '/api/references/{referenceId}',
    operationId: 'getReference',
    summary: 'What a reference holds, by process',
    function: 'read-references',
    role: 'viewer',
    pathParameters: referencePathSchema,
    answers: { 200: referenceSchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/references/{referenceId}/mappings',
    operationId: 'listMappings',
    summary: "A reference's entities and their boundaries",
    function: 'read-references',
    role: 'viewer',
    pathParameters: referencePathSchema,
    query: listMappingsQuerySchema,
    answers: { 200: mappingListSchema },
    problems: ['not_found'],
  },
  {
    method: 'POST',
    path: '/api/references/{referenceId}/mapping',
    operationId: 'startMapping',
    summary: 'Map what is left to be mapped, or detached, once more',
    function: 'start-mapping',
    role: 'operator',
    pathParameters: referencePathSchema,
    answers: { 202: mappingRunSchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/boundaries',
    operationId: 'listRootBoundaries',
    summary: 'The topmost boundaries',
    function: 'read-boundaries',
    role: 'viewer',
    query: pageQuerySchema,
    answers: { 200: boundaryListSchema },
  },
  {
    method: 'GET',
    path: '/api/boundaries/{code}',
    operationId: 'getBoundary',
    summary: 'One boundary',
    function: 'read-boundaries',
    role: 'viewer',
    pathParameters: boundaryPath,
    answers: { 200: boundarySchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/boundaries/{code}/children',
    operationId: 'listChildBoundaries',
    summary: 'The boundaries right under one, by code',
    function: 'read-boundaries',
    role: 'viewer',
    pathParameters: boundaryPath,
    query: pageQuerySchema,
    answers: { 200: boundaryListSchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/boundaries/{code}/ancestors',
    operationId: 'listAncestorBoundaries',
    summary: 'The boundaries above one, the root first',
    function: 'read-boundaries',
    role: 'viewer',
    pathParameters: boundaryPath,
    answers: { 200: boundaryListSchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/boundaries/{code}/descendants',
    operationId: 'listDescendantBoundaries',
    summary: 'All boundaries below one, level by level',
    function: 'read-boundaries',
    role: 'viewer',
    pathParameters: boundaryPath,
    query: descendantsQuerySchema,
    answers: { 200: boundaryListSchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/processes',
    operationId: 'listProcesses',
    summary: 'The registered processes and their columns',
    function: 'describe-service',
    role: 'viewer',
    answers: { 200: processListSchema },
  },
  {
    method: 'GET',
    path: '/api/processes/{name}/template',
    operationId: 'getTemplate',
    summary: 'An empty sheet to fill in',
    function: 'describe-service',
    role: 'viewer',
    pathParameters: processPathSchema,
    query: templateQuerySchema,
    answers: { 200: 'file' },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/health',
    operationId: 'getHealth',
    summary: 'Is the service there?',
    function: 'describe-service',
    answers: { 200: healthSchema },
  },
  {
    method: 'GET',
    path: '/api/openapi.json',
    operationId: 'getOpenApi',
    summary: 'This API as an OpenAPI 3.1 document',
    function: 'describe-service',
    answers: { 200: z.record(z.string(), z.unknown()) },
  },
  ...lifecycleRoutes,
  ...accountRoutes,
  ...entityRoutes,
  ...webhookRoutes,
  ...previewRoutes,
  ...logsAndStatsRoutes,
];
