import { z } from 'zod';
import { cursor, limit, time } from './paging.ts';
import type { Route } from './route.ts';

/** Reading back what actions have made of entities. */

const kindPath = z.object({
  entity: z
    .string()
    .regex(/^[a-z][A-Za-z]{0,63}$/)
    .meta({ description: 'What kind of entity, e.g. `contact`.' }),
});
const entityPath = kindPath.extend({ entityId: z.uuid() });

/** Whatever else comes along is a unique field and the value that it is to have. */
const listEntitiesQuerySchema = z
  .object({ cursor: cursor.optional(), limit })
  .catchall(z.string().min(1).max(2_048))
  .meta({ description: 'A unique field of the kind and a value, e.g. `email`, finds the entity that has it.' });

export const entitySchema = z
  .object({
    entityId: z.string(),
    entity: z.string(),
    data: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The values by field; what it does not have is absent.' }),
    version: z.number().int().min(1).meta({ description: 'Grows with each change.' }),
    createdBy: z.string().meta({ description: 'The action that made it.' }),
    createdAt: time,
    changedBy: z.string().meta({ description: 'The action of the last change.' }),
    updatedAt: time,
  })
  .meta({ id: 'Entity' });

export const entityListSchema = z
  .object({
    items: z.array(entitySchema).meta({ description: 'In no particular order; at most as many as asked for.' }),
    cursor: z.string().optional(),
  })
  .meta({ id: 'EntityList' });

export const entityRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/entities/{entity}',
    operationId: 'listEntities',
    summary: "The account's entities of a kind, or the one with a value of a unique field",
    function: 'read-entities',
    role: 'viewer',
    pathParameters: kindPath,
    query: listEntitiesQuerySchema,
    answers: { 200: entityListSchema },
    problems: ['not_found'],
  },
  {
    method: 'GET',
    path: '/api/entities/{entity}/{entityId}',
    operationId: 'getEntity',
    summary: 'One entity',
    function: 'read-entities',
    role: 'viewer',
    pathParameters: entityPath,
    answers: { 200: entitySchema },
    problems: ['not_found'],
  },
];
