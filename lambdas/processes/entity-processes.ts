import type { ActionKind } from '../model/action.ts';
import { type EntityReference, entityIdColumn, type ProcessDefinition } from '../model/process.ts';
import type { RowData } from '../model/row.ts';
import { optional } from './cell.ts';
import { entityId } from './contact-columns.ts';
import { type Column, column, defineProcess } from './define-process.ts';

type Columns = Readonly<Record<string, Column<unknown>>>;

/** An entity that an account has once, and that can change: what its fields are, and by which of them it is found. */
export interface EntityStatement<Own extends Columns> {
  /** What it is called, e.g. `contact`; its processes are `contactInsert` and so on. */
  readonly entity: string;
  /** What several of it are called, e.g. `Contacts`. */
  readonly title: string;
  /** Every field, as it is when it is given. */
  readonly fields: Own;
  /** Fields of which no two entities have the same value; each alone identifies one. The most telling first. */
  readonly unique: readonly [keyof Own & string, ...(keyof Own & string)[]];
  /** Fields that no entity is without. */
  readonly required: readonly (keyof Own & string)[];
  readonly references?: { readonly [Name in keyof Own]?: EntityReference };
}

/** The entity's four processes: insert, update, upsert and delete. */
export function entityProcesses<const Own extends Columns>(statement: EntityStatement<Own>): ProcessDefinition[] {
  const { unique, required, fields } = statement;
  const mayBeEmpty = mapColumns(fields, loose);
  const byId = { [entityIdColumn]: entityIdOf(statement.entity) };
  const identifying = mapColumns(fields, (field, name) => (unique.includes(name) ? loose(field) : undefined));
  return [
    define(
      statement,
      'insert',
      mapColumns(fields, (field, name) => (required.includes(name) ? field : loose(field))),
    ),
    define(statement, 'update', { ...byId, ...mayBeEmpty }),
    define(
      statement,
      'upsert',
      mapColumns(fields, (field, name) => neededIfNew(statement, name, loose(field))),
    ),
    define(statement, 'delete', { ...byId, ...identifying }),
  ];
}

function define<Own extends Columns>(
  { entity, title, unique, required, references = {} }: EntityStatement<Own>,
  action: ActionKind,
  columns: Columns,
): ProcessDefinition {
  const verb = `${action.charAt(0).toUpperCase()}${action.slice(1)}`;
  return defineProcess<Columns>({
    name: `${entity}${verb}`,
    title: `${title}: ${action}`,
    entity,
    entityScope: 'account',
    rowScope: 'action',
    entityKeys: { unique, required },
    action,
    columns,
    uniqueColumn: unique[0],
    uniqueIdentifier: (row) => identifierOf(row, unique),
    references: Object.fromEntries(Object.entries(references).filter(([name]) => name in columns)),
    onInvalidRow: 'skip',
    onFailedRow: 'complete',
  });
}

/** By what the row names its entity, e.g. `email:amina@example.org`; empty when it does not. */
function identifierOf(row: RowData, unique: readonly string[]): string {
  const name = [entityIdColumn, ...unique].find((field) => typeof row[field] === 'string');
  return name === undefined ? '' : `${name}:${row[name]}`;
}

function entityIdOf(entity: string): Column<unknown> {
  return column(optional(entityId()), {
    description: `The id of the ${entity}, where it is known, instead of what else identifies it.`,
    example: '0f8fad5b-d9cb-469f-a165-70867728950e',
    aliases: ['id'],
  });
}

/** The column with cells that may be empty. */
function loose({ cell, help }: Column<unknown>): Column<unknown> {
  return { cell: optional(cell), help };
}

function neededIfNew<Own extends Columns>(
  { entity, required }: EntityStatement<Own>,
  name: string,
  { cell, help }: Column<unknown>,
): Column<unknown> {
  if (!required.includes(name)) return { cell, help };
  return { cell, help: { ...help, description: `${help.description} A new ${entity} must have it.` } };
}

/** The columns, each as `change` makes it; without those for which it makes none. */
function mapColumns(
  columns: Columns,
  change: (column: Column<unknown>, name: string) => Column<unknown> | undefined,
): Columns {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, own]) => {
      const changed = change(own, name);
      return changed ? [[name, changed]] : [];
    }),
  );
}
