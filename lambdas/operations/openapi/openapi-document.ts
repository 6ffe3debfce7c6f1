import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import type { Route } from '../../model/api/route.ts';
import { routes } from '../../model/api.ts';
import { type ProblemCode, problems } from '../../model/problem.ts';
import { templateContentTypes } from '../read-template.ts';
import { requestExamples } from './examples.ts';
import { problemSchema } from './problem-schema.ts';

const keyScheme = 'apiKey';

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .optional()
  .meta({ description: 'The same key and body again is the same action; e.g. a UUID.' });

/** This API as an OpenAPI 3.1 document, made from the route table and its schemas. */
export function openApiDocument(version: string): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Rollcall',
      version,
      description: 'Bulk data ingestion that people trust: every row answers.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Relative: the document is served by the API that it describes.
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: { [keyScheme]: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
    },
  });
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { operationId, summary, role, pathParameters, query } = route;
  const header = operationId === 'createBulkAction' ? z.object({ 'idempotency-key': idempotencyKey }) : undefined;
  return {
    operationId,
    summary,
    ...(role !== undefined && { description: `Needs a key with the role ${role} or a more able one.` }),
    security: role === undefined ? [] : [{ [keyScheme]: [] }],
    requestParams: {
      ...(pathParameters && { path: pathParameters }),
      ...(query && { query }),
      ...(header && { header }),
    },
    ...(route.body && { requestBody: requestBodyOf(operationId, route.body) }),
    responses: { ...answersOf(route), ...problemsOf(route) },
  };
}

function requestBodyOf(operationId: string, schema: z.ZodType) {
  const examples = requestExamples[operationId];
  const required = !schema.safeParse(undefined).success;
  return { required, content: { 'application/json': { schema, ...(examples && { examples }) } } };
}

function answersOf({ answers }: Route): Record<`${1 | 2 | 3 | 4 | 5}${string}`, ZodOpenApiResponseObject> {
  const responses: Record<`2${string}`, ZodOpenApiResponseObject> = {};
  for (const [status, schema] of Object.entries(answers)) {
    const content = contentOf(schema);
    responses[`2${status.slice(1)}`] = { description: statusTexts[status] ?? 'Done', ...(content && { content }) };
  }
  return responses;
}

function contentOf(answer: Route['answers'][number]): ZodOpenApiResponseObject['content'] {
  if (answer === 'nothing') return undefined;
  if (answer === 'events') return { 'text/event-stream': { schema: z.string() } };
  if (answer !== 'file') return { 'application/json': { schema: answer } };
  return Object.fromEntries(Object.values(templateContentTypes).map((type) => [type, {}]));
}

const statusTexts: Readonly<Record<string, string>> = {
  200: 'Here it is',
  201: 'Created',
  202: 'Accepted',
  204: 'Nothing more to tell',
};

const waitHeaders = z.object({
  'retry-after': z.int().meta({ description: 'Seconds after which the same request may get through.' }),
  'ratelimit-policy': z.string().meta({ description: "The account's quotas: `q` at once, back in `w` seconds." }),
  ratelimit: z.string().meta({ description: 'What is left of them: `r`, and all of it again in `t` seconds.' }),
});

/** The operation's problems by status; several of one status are told apart by their `code`. */
function problemsOf(route: Route): Record<`4${string}` | `5${string}`, ZodOpenApiResponseObject> {
  const byStatus = Map.groupBy(problemCodesOf(route), (code) => problems[code].status);
  const responses: Record<`4${string}` | `5${string}`, ZodOpenApiResponseObject> = {};
  for (const [status, codes] of byStatus) {
    const description = codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join(' ');
    const content = { 'application/problem+json': { schema: problemSchema } };
    const headers = status === problems.too_many_requests.status ? waitHeaders : undefined;
    responses[`${status}` as `4${string}`] = { description, content, ...(headers && { headers }) };
  }
  return responses;
}

function problemCodesOf({ role, pathParameters, query, body, problems: own = [] }: Route): ProblemCode[] {
  const takesInput = pathParameters !== undefined || query !== undefined || body !== undefined;
  return [
    ...(takesInput ? (['invalid_request'] as const) : []),
    ...(role === undefined ? [] : (['unauthorized', 'forbidden', 'too_many_requests'] as const)),
    ...own,
    ...(body === undefined ? [] : (['payload_too_large', 'unsupported_media_type'] as const)),
    'internal_error' as const,
  ].filter((code, index, all) => all.indexOf(code) === index);
}
