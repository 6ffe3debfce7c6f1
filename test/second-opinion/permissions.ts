import type { TableRequest } from './recorder.ts';

/** The parts of requests that say what they need, of whichever operation. */
interface Request {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly Statements?: readonly { readonly Statement: string }[];
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
}

/** What AWS wants a role to be allowed for a request: `dynamodb:Query TablesControl/index/gsi1`. */
export function permissionsFor({ operation, body }: TableRequest): string[] {
  const { TableName = '', IndexName, RequestItems, Statements, TransactItems } = JSON.parse(body) as Request;
  if (Statements) return Statements.map(({ Statement }) => permissionForStatement(Statement));
  if (TransactItems) {
    return TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, part]) => `dynamodb:${kind}Item ${resourceOf(part.TableName)}`),
    );
  }
  const tables = RequestItems ? Object.keys(RequestItems) : [TableName];
  const suffix = IndexName === undefined ? '' : `/index/${IndexName}`;
  return tables.map((table) => `dynamodb:${operation} ${resourceOf(table)}${suffix}`);
}

/** Each statement needs its kind's: `INSERT INTO "table" …` → `dynamodb:PartiQLInsert`. */
function permissionForStatement(statement: string): string {
  const [, kind = '', table = ''] = /^(INSERT|UPDATE|DELETE|SELECT)\b[^"]*"([^"]+)"/.exec(statement) ?? [];
  return `dynamodb:PartiQL${kind.charAt(0)}${kind.slice(1).toLowerCase()} ${resourceOf(table)}`;
}

/** The embedded stack names a table `stack-LogicalId`; of logical ids the tests leave the hash off. */
function resourceOf(table: string): string {
  return table.slice(table.lastIndexOf('-') + 1).replace(/[0-9A-F]{8}$/, '');
}
