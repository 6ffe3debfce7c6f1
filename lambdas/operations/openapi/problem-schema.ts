import { z } from 'zod';
import { type ProblemCode, problems } from '../../model/problem.ts';
import { quotas } from '../../model/quota.ts';

const requestErrorSchema = z
  .object({
    in: z.enum(['path', 'query', 'headers', 'body']),
    path: z.string().meta({ description: 'The member, e.g. `records[3].name`; empty when the whole is meant.' }),
    expected: z.string(),
    received: z.string(),
  })
  .meta({ id: 'RequestError' });

/** RFC 9457, with the stable `code` that clients decide by. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'A URN that names the kind of problem.' }),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string().meta({ description: 'What went wrong here, and what to do.' }),
    errors: z.array(requestErrorSchema).optional().meta({ description: 'With invalid_request: every finding.' }),
    actionId: z
      .string()
      .optional()
      .meta({ description: 'With action_running and idempotency_conflict: the action that stands in the way.' }),
    missingParts: z
      .array(z.number().int())
      .optional()
      .meta({ description: 'With upload_incomplete: parts that were not named, the first hundred at most.' }),
    quota: z
      .enum(quotas)
      .optional()
      .meta({ description: 'With too_many_requests: what the account has none left of.' }),
    remaining: z.number().int().optional().meta({ description: 'With too_many_requests: what is left.' }),
    retryAfterSeconds: z.number().int().optional().meta({ description: 'With too_many_requests: when to come again.' }),
    requestId: z.string().optional().meta({ description: 'With internal_error: what to tell the operator.' }),
  })
  .loose()
  .meta({ id: 'Problem' });
