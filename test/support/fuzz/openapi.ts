import { z } from 'zod';

/** As much of a JSON Schema as the API's document has. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly contentEncoding?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Answered {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

/** One operation of the document, its references resolved. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly body?: Schema;
  readonly responses: Readonly<Record<string, Answered>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface RawOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, Answered>>;
}

/** All operations that a document describes. */
export function operationsOf(document: Document): Operation[] {
  const { schemas } = document.components;
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, raw]) => {
      const { operationId, parameters = [], requestBody, responses } = resolved(raw, schemas) as RawOperation;
      const body = requestBody?.content['application/json']?.schema;
      return { method: method.toUpperCase(), path, operationId, parameters, responses, ...(body && { body }) };
    }),
  );
}

/** The value with what its references stand for in their place. The document has none that go in circles. */
function resolved(value: unknown, schemas: Readonly<Record<string, Schema>>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...own } = value as Schema;
  const entries = Object.entries(own).map(([key, member]) => [key, resolved(member, schemas)]);
  if ($ref === undefined) return Object.fromEntries(entries);
  const referred = resolved(schemas[$ref.replace('#/components/schemas/', '')], schemas);
  return { ...(referred as Schema), ...Object.fromEntries(entries) };
}

const checks = new WeakMap<Schema, z.ZodType>();

/** What of the value is not as the schema has it; undefined when all is. */
export function violations(schema: Schema, value: unknown): string | undefined {
  const check = checks.get(schema) ?? z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  checks.set(schema, check);
  const { error } = check.safeParse(value);
  return error && z.prettifyError(error);
}
