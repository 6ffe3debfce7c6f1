import { z } from 'zod';

const rowNumber = z.number().int().positive();

/** Which of an action's failed rows a retry takes up; both at once narrow each other. */
export const retrySelectionSchema = z
  .strictObject({
    codes: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(50)
      .optional()
      .meta({ description: 'Only rows that failed with one of these error codes.' }),
    rows: z
      .strictObject({ from: rowNumber, to: rowNumber })
      .refine(({ from, to }) => from <= to, { error: 'expected `from` to be at most `to`' })
      .optional()
      .meta({ description: "Only rows with these numbers, both included, as the report's own sheet counts them." }),
  })
  .meta({ id: 'RetrySelection', description: 'Which failed rows run again; without any of it, all.' });
export type RetrySelection = z.infer<typeof retrySelectionSchema>;

/** True when the selection leaves nothing out. */
export function selectsAll({ codes, rows }: RetrySelection): boolean {
  return codes === undefined && rows === undefined;
}
