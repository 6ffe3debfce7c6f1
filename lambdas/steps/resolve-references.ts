import type { EntityReference, ProcessDefinition } from '../model/process.ts';
import type { RowData, RowError } from '../model/row.ts';
import { isEntityId } from '../processes/contact-columns.ts';
import type { UniqueValue } from '../store/entity-keys.ts';
import { type EntityFinder, EntityLookup } from './entity-lookup.ts';

interface ResolvedColumn {
  readonly column: string;
  readonly entity: string;
  readonly uniqueField: string;
  readonly lookup: EntityLookup;
}

/** Whether the entities are there that rows name by id or by a unique field; and their ids, which are what is kept. */
export class ReferenceResolver {
  private readonly columns: readonly ResolvedColumn[];

  constructor(finder: EntityFinder, accountId: string, { references = {} }: Pick<ProcessDefinition, 'references'>) {
    this.columns = (Object.entries(references) as [string, EntityReference][]).flatMap(
      ([column, { entity, uniqueField }]) =>
        uniqueField === undefined
          ? []
          : [{ column, entity, uniqueField, lookup: new EntityLookup(finder, { accountId, entity }) }],
    );
  }

  /** Finds out about all that the rows name, so that `resolve` can judge them. */
  async learn(rows: readonly RowData[]): Promise<void> {
    for (const resolved of this.columns) {
      const named = rows.flatMap(({ [resolved.column]: value }) => (typeof value === 'string' ? [value] : []));
      const values = named.filter((text) => !isEntityId(text)).map((value) => uniqueValueOf(resolved, value));
      await resolved.lookup.learn(values, named.filter(isEntityId));
    }
  }

  /** The row with ids in place of what named them, or an error for each that there is not. */
  resolve(row: RowData): { data: RowData } | { errors: RowError[] } {
    const data = { ...row };
    const errors: RowError[] = [];
    for (const resolved of this.columns) {
      const named = row[resolved.column];
      if (typeof named !== 'string') continue;
      const id = idOf(resolved, named);
      if (id === undefined) errors.push(unknown(resolved, named));
      else data[resolved.column] = id;
    }
    return errors.length > 0 ? { errors } : { data };
  }
}

function idOf(resolved: ResolvedColumn, named: string): string | undefined {
  if (!isEntityId(named)) return resolved.lookup.ownerOf(uniqueValueOf(resolved, named));
  return resolved.lookup.exists(named) ? named : undefined;
}

function uniqueValueOf({ uniqueField }: ResolvedColumn, value: string): UniqueValue {
  return { field: uniqueField, value };
}

function unknown({ column, entity, uniqueField }: ResolvedColumn, value: string): RowError {
  const message = `There is no ${entity} ${value}. Correct it (an entity id or a ${uniqueField} is expected), or create the ${entity} first.`;
  return { code: `unknown_${entity}`, message, column, value };
}
