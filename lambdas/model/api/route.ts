import type { z } from 'zod';
import type { Role } from '../account.ts';
import type { FunctionName } from '../environments.ts';
import type { ProblemCode } from '../problem.ts';

/** One operation of the HTTP API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT';
  readonly path: `/api/${string}`;
  readonly operationId: string;
  readonly summary: string;
  /** The function that answers. */
  readonly function: FunctionName;
  /** The least role that may call; absent for operations without a key. */
  readonly role?: Role;
  readonly pathParameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** An optional schema: the request may come without a body. */
  readonly body?: z.ZodType;
  /** What is answered by status: JSON of a schema, a file, server-sent events, or nothing but the status. */
  readonly answers: Readonly<Record<number, z.ZodType | 'file' | 'events' | 'nothing'>>;
  /** The problems beyond invalid_request, unauthorized, forbidden and internal_error. */
  readonly problems?: readonly ProblemCode[];
}
