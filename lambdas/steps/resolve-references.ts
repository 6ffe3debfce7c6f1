import type { EntityReference, ProcessDefinition } from '../model/process.ts';
import type { RowData, RowError } from '../model/row.ts';
import { isEntityId } from '../processes/contact-columns.ts';
import type { UniqueValue } from '../store/entity-keys.ts';
import { type EntityFinder, FoundEntities } from './entity-lookup.ts';

/** A column that names entities by id or by a unique field. */
interface NamingColumn {
  readonly column: string;
  readonly entity: string;
  readonly uniqueField: string;
}

interface ResolvedColumn extends NamingColumn {
  readonly found: FoundEntities;
}

/** Where the entities are looked up that rows name. */
export interface Naming {
  readonly accountId: string;
  readonly process: Pick<ProcessDefinition, 'references'>;
}

/** Whether the entities are there that some rows name; and their ids, which are what is kept. */
export class ReferenceResolver {
  private readonly columns: readonly ResolvedColumn[];

  private constructor(columns: readonly ResolvedColumn[]) {
    this.columns = columns;
  }

  /** Finds out about all that the rows name, so that `resolve` can judge these rows. */
  static async learn(
    finder: EntityFinder,
    { accountId, process }: Naming,
    rows: readonly RowData[],
  ): Promise<ReferenceResolver> {
    const columns = namingColumns(process).map(async (naming) => {
      const named = rows.flatMap(({ [naming.column]: value }) => (typeof value === 'string' ? [value] : []));
      const values = named.filter((text) => !isEntityId(text)).map((value) => uniqueValueOf(naming, value));
      const home = { accountId, entity: naming.entity };
      return {
        ...naming,
        found: await FoundEntities.find(finder, home, { values, entityIds: named.filter(isEntityId) }),
      };
    });
    return new ReferenceResolver(await Promise.all(columns));
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

function namingColumns({ references = {} }: Pick<ProcessDefinition, 'references'>): NamingColumn[] {
  return (Object.entries(references) as [string, EntityReference][]).flatMap(([column, { entity, uniqueField }]) =>
    uniqueField === undefined ? [] : [{ column, entity, uniqueField }],
  );
}

function idOf(resolved: ResolvedColumn, named: string): string | undefined {
  if (!isEntityId(named)) return resolved.found.ownerOf(uniqueValueOf(resolved, named));
  return resolved.found.exists(named) ? named : undefined;
}

function uniqueValueOf({ uniqueField }: NamingColumn, value: string): UniqueValue {
  return { field: uniqueField, value };
}

function unknown({ column, entity, uniqueField }: NamingColumn, value: string): RowError {
  const message = `There is no ${entity} ${value}. Correct it (an entity id or a ${uniqueField} is expected), or create the ${entity} first.`;
  return { code: `unknown_${entity}`, message, column, value };
}
