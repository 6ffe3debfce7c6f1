import { z } from 'zod';
import { actionKinds } from './action.ts';
import { mappingTypes } from './mapping.ts';

/** `{{row.facilityName}}`: the name of a value, its parts separated by dots; a number picks from a list. */
export const placeholderPattern = /\{\{([A-Za-z_][\w-]*(?:\.[\w-]+)*)\}\}/g;

type Json = z.infer<ReturnType<typeof z.json>>;

function textsOf(template: Json): string[] {
  if (typeof template === 'string') return [template];
  if (template === null || typeof template !== 'object') return [];
  return Object.values(template).flatMap((part) => (part === undefined ? [] : textsOf(part)));
}

/** Directives take the place of an object; `$each` and `$choose` name a value and what to make of it. */
function directivesAreWhole(template: Json): boolean {
  if (template === null || typeof template !== 'object') return true;
  const parts = template as Record<string, Json>;
  if ('$each' in parts && (typeof parts.$each !== 'string' || parts.$make === undefined)) return false;
  if ('$choose' in parts && (typeof parts.$choose !== 'string' || typeof parts.$from !== 'object')) return false;
  return Object.values(parts).every(directivesAreWhole);
}

const wellFormed = (text: string) => !text.replace(placeholderPattern, '').includes('{{');
const malformed = { error: 'expected placeholders of the form {{row.facilityName}}' };

/** A JSON value with placeholders and the directives `$rows`, `$each` and `$choose`. */
export const requestTemplateSchema = z
  .json()
  .refine((template) => textsOf(template).every(wellFormed), malformed)
  .refine(directivesAreWhole, { error: 'expected `$each` with `$make`, `$choose` with `$from`' });
export type RequestTemplate = z.infer<typeof requestTemplateSchema>;

const textTemplate = z.string().min(1).refine(wellFormed, malformed);

/** Placeholders stand behind the host only: no row may choose where it is sent. */
const urlTemplate = textTemplate.refine((url) => /^https?:\/\/[^/?#{}@\\]+([/?#]|$)/.test(url), {
  error: 'expected http(s)://host/…, without a user name, and placeholders behind the host only',
});

/** Names of fields from the outside in, e.g. `Facility.id`; a list is looked into element by element. */
const path = z.string().regex(/^[\w$-]+(\.[\w$-]+)*$/, { error: 'expected field names separated by dots' });
const paths = z.array(path).min(1).max(20);

/** Names a secret; its value is read when a call needs it and is kept nowhere else. */
export const secretReferenceSchema = z.strictObject({
  /** ARN or name of the secret. */
  secret: z.string().min(1),
  /** The field, when the secret is a JSON object. */
  field: z.string().min(1).optional(),
});
export type SecretReference = z.infer<typeof secretReferenceSchema>;

/** The header that carries the credential; without one it is only available as `{{auth.token}}`. */
const authHeader = z.strictObject({ name: z.string().min(1), prefix: z.string().default('') });

export const serviceAuthSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('secret'), token: secretReferenceSchema, header: authHeader.optional() }),
  z.strictObject({
    kind: z.literal('oauth2'),
    tokenUrl: urlTemplate,
    clientId: z.string().min(1),
    clientSecret: secretReferenceSchema,
    /** `basic`: in the Authorization header of the token request; `body`: among its parameters (RFC 6749 §2.3.1). */
    clientAuthentication: z.enum(['basic', 'body']).default('basic'),
    grantType: z.string().min(1).default('client_credentials'),
    /** Further parameters of the token request, e.g. `scope` or `audience`. */
    parameters: z.record(z.string(), z.union([z.string(), secretReferenceSchema])).default({}),
    header: authHeader.optional(),
  }),
]);
export type ServiceAuth = z.infer<typeof serviceAuthSchema>;

export const serviceRequestSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
  url: urlTemplate,
  headers: z.record(z.string(), textTemplate).default({}),
  body: requestTemplateSchema.optional(),
});
export type ServiceRequest = z.infer<typeof serviceRequestSchema>;

/** Matches an answer when all that it names are true; a `path` alone means that there is a value. */
export const answerMatchSchema = z
  .strictObject({
    status: z.array(z.number().int().min(100).max(599)).min(1).optional(),
    path: path.optional(),
    oneOf: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
    contains: z.string().min(1).optional(),
  })
  .refine((match) => match.status !== undefined || match.path !== undefined, { error: 'expected a status or a path' })
  .refine((match) => match.path !== undefined || (match.oneOf === undefined && match.contains === undefined), {
    error: '`oneOf` and `contains` need a `path`',
  });
export type AnswerMatch = z.infer<typeof answerMatchSchema>;
const matches = z.array(answerMatchSchema).default([]);

/** What an answer means; looked at in this order. What no rule names goes by its status. */
export const answerRulesSchema = z.strictObject({
  /** The thing is there already: it is adopted with its id. */
  exists: matches,
  /** The thing to be removed is not there: nothing is left to do. */
  absent: matches,
  /** What the thing refers to is not there yet: worth coming back. */
  notYet: matches,
  /** It may be different next time. */
  transient: matches,
  /** It is a refusal, although the status does not say so. */
  refused: matches,
  transientStatuses: z.array(z.number().int()).default([408, 425, 429, 500, 502, 503, 504]),
});
export type AnswerRules = z.infer<typeof answerRulesSchema>;

/** Which record of an answer belongs to which row: all pairs of `answer` and `request` must be equal. */
const recordMatch = z
  .strictObject({ answer: paths, request: paths })
  .refine((match) => match.answer.length === match.request.length, {
    error: 'expected as many paths in `answer` as in `request`',
  });

const resultsSchema = z.strictObject({
  /** Where the records are; several places are read one after the other. Absent: the answer itself. */
  paths: paths.optional(),
  /** Absent: records come in the order of the rows, as many as there are rows. */
  match: recordMatch.optional(),
  /** The record's own HTTP status, if it has one. */
  statusPath: path.optional(),
});
export type ResultsLocation = z.infer<typeof resultsSchema>;

/** A question asked before the call, or after the service said that the thing exists already. */
export const serviceLookupSchema = z.strictObject({
  /** Later templates read the record as `{{found.<name>}}`. */
  name: z.string().regex(/^[a-zA-Z]\w*$/),
  when: z.enum(['before', 'exists']).default('before'),
  request: serviceRequestSchema,
  /** Rows asked for in one request, by `$rows`; 1 asks for each row. */
  rows: z.number().int().min(1).max(1_000).default(1),
  /** Rows that are equal in what `match.request` names share one question. */
  results: resultsSchema.required({ match: true }),
  /** `adopt`: the record is the thing itself and nothing is sent. */
  found: z.enum(['adopt', 'continue']).default('adopt'),
  missing: z.enum(['continue', 'done', 'not_yet', 'refused']).default('continue'),
});
export type ServiceLookup = z.infer<typeof serviceLookupSchema>;

export const serviceOperationSchema = z
  .strictObject({
    single: z.strictObject({ request: serviceRequestSchema, resultPath: path.optional() }).optional(),
    bulk: z
      .strictObject({
        request: serviceRequestSchema,
        rows: z.number().int().min(1).max(1_000).default(100),
        results: resultsSchema,
      })
      .optional(),
    /** Where a record has its id; the first that has a value counts. Absent: the answer has none. */
    idPaths: paths.optional(),
    /** Where the service's reason stands, in an answer or in a record. */
    messagePaths: paths.default(['message', 'detail', 'error.message', 'error_description', 'error', 'title']),
    /** Carries the row's key; for a bulk call a digest of all its rows' keys. */
    idempotencyHeader: z.string().min(1).optional(),
    rules: answerRulesSchema.default(answerRulesSchema.parse({})),
    lookups: z.array(serviceLookupSchema).max(5).default([]),
  })
  .refine((operation) => operation.single !== undefined || operation.bulk !== undefined, {
    error: 'expected `single` or `bulk`',
  });
export type ServiceOperation = z.infer<typeof serviceOperationSchema>;

const milliseconds = z.number().int().positive().max(300_000);

/** How much of a service is used at most; together for all that calls it. */
export const serviceLimitsSchema = z.strictObject({
  ratePerSecond: z.number().positive().default(50),
  /** Calls that may come at once after a quiet time. */
  burst: z.number().int().positive().default(10),
  concurrency: z.number().int().positive().default(10),
  /** A call that would wait longer for its turn is given back to the queue. */
  maxWaitMs: milliseconds.default(20_000),
});
export type ServiceLimits = z.infer<typeof serviceLimitsSchema>;

export const serviceTimeoutsSchema = z.strictObject({
  /** Name resolution, connection and TLS. */
  connectMs: milliseconds.default(5_000),
  headersMs: milliseconds.default(30_000),
  bodyMs: milliseconds.default(15_000),
  totalMs: milliseconds.default(45_000),
});
export type ServiceTimeouts = z.infer<typeof serviceTimeoutsSchema>;

type Operations = Readonly<Record<string, unknown>>;

/** Every address that a configuration names. */
function urlsOf(value: Operations): string[] {
  return Object.entries(value).flatMap(([key, part]) => {
    if ((key === 'url' || key === 'tokenUrl') && typeof part === 'string') return [part];
    return part !== null && typeof part === 'object' && key !== 'body' ? urlsOf(part as Operations) : [];
  });
}

/** A service outside: how to reach it, how much of it may be used, what to send and how to read what it answers. */
export const serviceConfigurationSchema = z
  .strictObject({
    /** Names the service in messages and limits. */
    name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
    /** Whether the service keeps the id that Rollcall gives an entity. */
    keepsEntityId: z.boolean().default(false),
    /** Permits plain http and addresses inside private networks; never link-local or metadata ones. */
    allowPrivate: z.boolean().default(false),
    auth: serviceAuthSchema.default({ kind: 'none' }),
    /** Further secrets for templates, read as `{{secrets.<name>}}`. */
    secrets: z.record(z.string(), secretReferenceSchema).default({}),
    limits: serviceLimitsSchema.default(serviceLimitsSchema.parse({})),
    timeouts: serviceTimeoutsSchema.default(serviceTimeoutsSchema.parse({})),
    /** Bytes of one answer at most. */
    maxAnswerBytes: z
      .number()
      .int()
      .positive()
      .default(4 * 1024 ** 2),
    /** What to do with entities, by the action of the process. */
    entities: z.partialRecord(z.enum(actionKinds), serviceOperationSchema).optional(),
    /** How to map to boundaries, by what is mapped. */
    boundaries: z
      .partialRecord(
        z.enum(mappingTypes),
        z.strictObject({ attach: serviceOperationSchema, detach: serviceOperationSchema }),
      )
      .optional(),
  })
  .refine((service) => service.allowPrivate || urlsOf(service).every((url) => url.startsWith('https://')), {
    error: 'expected https addresses; plain http needs `allowPrivate: true`',
  });
export type ServiceConfiguration = z.infer<typeof serviceConfigurationSchema>;
/** What a configuration file holds: defaults may be left out. */
export type ServiceConfigurationInput = z.input<typeof serviceConfigurationSchema>;
export type ServiceOperationInput = z.input<typeof serviceOperationSchema>;

/** All services of a stage and which processes use them; a process that is not named uses the embedded registry. */
export const outsideServicesSchema = z
  .strictObject({
    services: z.array(serviceConfigurationSchema).default([]),
    processes: z
      .record(z.string(), z.strictObject({ entities: z.string().optional(), boundaries: z.string().optional() }))
      .default({}),
  })
  .superRefine(({ services, processes }, context) => {
    for (const [processName, uses] of Object.entries(processes)) {
      for (const part of ['entities', 'boundaries'] as const) {
        const name = uses[part];
        const service = services.find((one) => one.name === name);
        if (name === undefined || service?.[part] !== undefined) continue;
        context.addIssue({
          code: 'custom',
          path: ['processes', processName, part],
          message: `expected the name of a service with ${part}, got ${name}`,
        });
      }
    }
  });
export type OutsideServices = z.infer<typeof outsideServicesSchema>;
