import { z } from 'zod';

/** Why a row, or a cell of it, was not accepted. */
export const rowErrorSchema = z
  .object({ code: z.string(), message: z.string(), column: z.string().optional(), value: z.string().optional() })
  .meta({ id: 'RowError' });
