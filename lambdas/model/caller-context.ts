import { z } from 'zod';
import { accountIdSchema, roles } from './account.ts';

/** Coerced, since a gateway stands in between. */
const count = z.coerce.number().int().min(0);

/** What the authorizer tells the function that answers: who calls, what the account may do, and whether this may be now. */
export const callerContextSchema = z.object({
  accountId: accountIdSchema,
  keyId: z.string().min(1),
  role: z.enum(roles),
  limits: z.object({ requestsPerMinute: count, recordsPerMinute: count, burstRecords: count }).optional(),
  requests: z
    .object({
      remaining: count,
      fullInSeconds: count,
      /** Present when the request is one too many. */
      retryAfterSeconds: count.optional(),
    })
    .optional(),
});
export type CallerContext = z.infer<typeof callerContextSchema>;
export type RequestAllowance = NonNullable<CallerContext['requests']>;
