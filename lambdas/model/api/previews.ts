import { z } from 'zod';
import { actionProblemSchema } from '../action.ts';
import { columnMappingSchema } from '../column-mapping.ts';
import { entityEffects } from '../entity.ts';
import { previewAnswers, proposalConfidences } from '../preview.ts';
import { recordSchema } from './record.ts';
import type { Route } from './route.ts';
import { rowErrorSchema } from './row-error.ts';
import { postUploadSchema, sheetNameSchema } from './uploads.ts';

/** Looking at a sheet before anything is made of it. */

/** Bytes of a sheet's beginning that a client sends along; base64 makes them a third more. */
const sampleBytes = 2 * 1024 ** 2;

export const createPreviewSchema = z
  .strictObject({
    processName: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'Needed unless `actionId` is given, whose own is then the default.' }),
    records: z.array(recordSchema).min(1).optional().meta({ description: 'Rows themselves.' }),
    sample: z
      .base64()
      .min(1)
      .max(Math.ceil(sampleBytes / 3) * 4)
      .optional()
      .meta({
        description:
          "The sheet's bytes in base64, or their beginning: 256 KiB are enough for text. A workbook has to be whole.",
      }),
    fileName: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .meta({ description: 'With `size`: answers with an address to upload the sheet to, and a `previewId`.' }),
    previewId: z.uuid().optional().meta({ description: 'A sheet uploaded for a preview; it is kept for a day.' }),
    actionId: z.uuid().optional().meta({ description: 'The sheet of an action, as it was uploaded.' }),
    size: z
      .number()
      .int()
      .positive()
      .optional()
      .meta({ description: 'Bytes of the sheet; with `sample`, of the whole of which it is the beginning.' }),
    sheetName: sheetNameSchema,
    columns: columnMappingSchema.optional(),
    clearEmpty: z.boolean().optional().meta({ description: 'As for an action.' }),
  })
  .refine(
    ({ records, sample, fileName, previewId, actionId }) =>
      [records, sample, fileName, previewId, actionId].filter((source) => source !== undefined).length === 1,
    { error: 'expected one of `records`, `sample`, `fileName`, `previewId` or `actionId`' },
  )
  .refine(({ fileName, size }) => fileName === undefined || size !== undefined, {
    path: ['size'],
    error: 'expected the bytes of the sheet, with `fileName`',
  })
  .refine(({ processName, actionId }) => processName !== undefined || actionId !== undefined, {
    path: ['processName'],
    error: 'expected the name of a process',
  })
  .meta({ id: 'CreatePreview' });
export type CreatePreview = z.infer<typeof createPreviewSchema>;

/** Where to upload a sheet to look at. */
export const offeredPreviewSchema = z
  .object({ previewId: z.uuid(), upload: postUploadSchema })
  .meta({ id: 'OfferedPreview', description: 'Upload the sheet, then ask again with the `previewId`.' });
export type OfferedPreview = z.infer<typeof offeredPreviewSchema>;

const likelihood = z.number().min(0).max(1);
const proposedHeaderSchema = z
  .object({
    header: z.string(),
    column: z.string().nullable().meta({ description: "The process's column that it probably means." }),
    confidence: z.enum(proposalConfidences).meta({
      description:
        '`given` by `columns`; `exact`: the name of the column; `alias`: another name of it; `similar` to one of these.',
    }),
    score: likelihood.meta({ description: 'How like the name they are; 1 for all but `similar`.' }),
    alternatives: z
      .array(z.object({ column: z.string(), score: likelihood }))
      .optional()
      .meta({ description: 'Columns that are about equally likely, so that none is proposed.' }),
  })
  .meta({ id: 'ProposedHeader' });

const previewedRowSchema = z
  .object({
    rowNumber: z.number().int(),
    answer: z.enum(previewAnswers),
    uniqueIdentifier: z.string().optional(),
    effect: z.enum(entityEffects).optional().meta({ description: 'Of entities that can change: what it would do.' }),
    entityId: z.string().optional().meta({ description: 'With `effect`: the entity that there is.' }),
    data: z.record(z.string(), z.unknown()).optional().meta({ description: 'The values as they are understood.' }),
    errors: z.array(rowErrorSchema).optional().meta({ description: 'The first fifty at most.' }),
  })
  .meta({ id: 'PreviewedRow' });

export const previewSchema = z
  .object({
    processName: z.string(),
    sheet: z
      .object({
        format: z.string(),
        encoding: z.string().optional(),
        delimiter: z.string().optional(),
        sheetName: z.string().optional(),
        sheetNames: z.array(z.string()).optional().meta({ description: 'All sheets of a workbook.' }),
      })
      .optional()
      .meta({ description: 'Absent when the sheet could not be read at all; `problem` says why.' }),
    headers: z.array(proposedHeaderSchema),
    columns: columnMappingSchema.meta({ description: 'The proposals, ready to be sent as `columns` of an action.' }),
    missing: z.array(z.string()).meta({ description: 'Required columns that no header is proposed for.' }),
    rows: z
      .object({
        read: z.number().int().min(0),
        valid: z.number().int().min(0),
        invalid: z.number().int().min(0),
        duplicate: z.number().int().min(0),
        known: z.number().int().min(0),
        complete: z.boolean().meta({ description: 'Whether these are all rows of the sheet.' }),
      })
      .meta({ description: 'The first rows, at most a hundred, read under `columns`.' }),
    items: z.array(previewedRowSchema).meta({ description: 'The rows, as many as fit into one answer.' }),
    problem: actionProblemSchema.optional().meta({ description: 'What an action with this sheet would end with.' }),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Preview' });
export type PreviewView = z.infer<typeof previewSchema>;

export const previewRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/bulk-actions/preview',
    operationId: 'previewSheet',
    summary: 'What the first rows of a sheet would give; nothing is created',
    function: 'preview-sheet',
    role: 'operator',
    body: createPreviewSchema,
    answers: { 200: previewSchema, 201: offeredPreviewSchema },
    problems: ['not_found', 'illegal_transition', 'payload_too_large'],
  },
];
