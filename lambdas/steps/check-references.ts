import { didYouMean } from '../model/edits.ts';
import type { EntityReference, ProcessDefinition } from '../model/process.ts';
import type { RowData, RowError } from '../model/row.ts';
import type { EntityIndex } from '../store/entity-index.ts';
import { KnownEntities } from './known-entities.ts';
import { NearestIdentifiers } from './nearest-identifiers.ts';

interface CheckedColumn {
  readonly column: string;
  readonly entity: string;
  readonly known: KnownEntities;
  /** Made when the first unknown identifier turns up. */
  nearest?: NearestIdentifiers;
}

/** Whether the entities that rows name by identifier are there. */
export class ReferenceCheck {
  private readonly columns: readonly CheckedColumn[];

  private constructor(columns: readonly CheckedColumn[]) {
    this.columns = columns;
  }

  /** The check of a process's rows in one account; undefined when nothing is to be checked. */
  static async open(
    index: EntityIndex,
    accountId: string,
    { references = {} }: Pick<ProcessDefinition, 'references'>,
  ): Promise<ReferenceCheck | undefined> {
    const columns: CheckedColumn[] = [];
    for (const [column, { entity, onlyIfAny, uniqueField }] of Object.entries(references) as [
      string,
      EntityReference,
    ][]) {
      if (uniqueField !== undefined) continue;
      const home = { accountId, entity };
      if (onlyIfAny && !(await index.hasAny(home))) continue;
      columns.push({ column, entity, known: new KnownEntities(index, home) });
    }
    return columns.length === 0 ? undefined : new ReferenceCheck(columns);
  }

  /** Finds out about all that the rows name, so that `errorsOf` can judge them. */
  async learn(rows: readonly RowData[]): Promise<void> {
    for (const checked of this.columns) {
      const named = new Set(rows.flatMap((row) => identifiersIn(row[checked.column])));
      await checked.known.learn(named);
      if (checked.nearest || named.values().every((identifier) => isKnown(checked, identifier))) continue;
      checked.nearest = new NearestIdentifiers(await checked.known.all());
    }
  }

  /** An error for each identifier of the row that there is not. */
  errorsOf(row: RowData): RowError[] {
    const errors: RowError[] = [];
    for (const checked of this.columns) {
      for (const identifier of identifiersIn(row[checked.column])) {
        if (!isKnown(checked, identifier)) errors.push(unknown(checked, identifier));
      }
    }
    return errors;
  }
}

function identifiersIn(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [String(value)];
}

function isKnown({ known }: CheckedColumn, identifier: string): boolean {
  return known.levelOf(identifier) !== undefined;
}

function unknown({ column, entity, nearest }: CheckedColumn, identifier: string): RowError {
  const suggestions = didYouMean(nearest?.to(identifier) ?? []);
  const advice = suggestions || ` Correct it, or create the ${entity} first.`;
  return {
    code: `unknown_${entity}`,
    message: `There is no ${entity} ${identifier}.${advice}`,
    column,
    value: identifier,
  };
}
