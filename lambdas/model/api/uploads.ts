import { z } from 'zod';
import { time } from './paging.ts';

export const postUploadSchema = z
  .object({
    kind: z.literal('post'),
    url: z.url(),
    fields: z.record(z.string(), z.string()).meta({ description: 'Form fields to send before `file`.' }),
    expiresAt: time,
  })
  .meta({ id: 'PostUpload' });

const partsUploadSchema = z
  .object({
    kind: z.literal('parts'),
    partBytes: z.number().int().positive(),
    parts: z.array(z.object({ partNumber: z.number().int().positive(), url: z.url() })),
    completeUrl: z.string().meta({ description: 'POST here with the parts and their ETags when all are uploaded.' }),
    expiresAt: time,
  })
  .meta({ id: 'PartsUpload' });

/** How the sheet's bytes get to S3. Addresses are secrets: whoever holds them may upload. */
export const uploadSchema = z.discriminatedUnion('kind', [postUploadSchema, partsUploadSchema]).meta({ id: 'Upload' });
export type Upload = z.infer<typeof uploadSchema>;

/** Which sheet of a workbook is meant. */
export const sheetNameSchema = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .meta({ description: 'The sheet of a workbook; the first visible one by default.' });
