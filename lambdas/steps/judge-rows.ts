import { changingRows, parentOf } from '../model/entity.ts';
import { hierarchyRows } from '../model/hierarchy.ts';
import { normalizeIdentifier } from '../model/identity.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { RowData, RowError } from '../model/row.ts';
import type { StagedRow } from '../model/staged-row.ts';
import type { ReadRow } from '../processes/validate-row.ts';
import { SheetError } from '../sheets/sheet-error.ts';
import { uniqueKey } from '../store/entity-store.ts';
import type { ReferenceCheck } from './check-references.ts';
import { FirstRows } from './first-rows.ts';
import type { Hierarchy } from './hierarchy.ts';
import type { ChangePlanner, PlannedChange } from './plan-change.ts';
import type { ReferenceResolver } from './resolve-references.ts';

/** What rows have to do with other things than themselves; each is absent where the process has none. */
export interface Relations {
  readonly references?: ReferenceCheck | undefined;
  readonly hierarchy?: Hierarchy | undefined;
  /** Where rows change entities: finds out what some rows mean, and what they refer to. */
  readonly changes?: ((rows: readonly RowData[]) => Promise<Meaning>) | undefined;
}

/** What some rows mean, and what they refer to. */
export interface Meaning {
  readonly resolver: ReferenceResolver;
  readonly planner: ChangePlanner;
}

/** Rows by what staging made of them. */
export interface Tally {
  rows: number;
  valid: number;
  known: number;
  invalid: number;
  duplicate: number;
}

/** A row as its cells were read. */
export interface ReadRecord {
  readonly rowNumber: number;
  readonly read: ReadRow;
  /** What stands in the unique column, also of a row that could not be read. */
  readonly identifier: string;
}

/** What staging makes of a row. */
export type Verdict = Omit<StagedRow, 'rowNumber' | 'cells' | 'element' | 'level'>;

type ReadableRow = Extract<ReadRow, { data: RowData }>;

/** Says of each row of a sheet, in order, what is to become of it. The first valid row of an identifier counts. */
export class RowJudge {
  readonly tally: Tally = { rows: 0, valid: 0, known: 0, invalid: 0, duplicate: 0 };
  private readonly firstRows = new FirstRows();
  private readonly process: ProcessDefinition;
  private readonly relations: Relations;

  constructor(process: ProcessDefinition, relations: Relations) {
    this.process = process;
    this.relations = relations;
  }

  /**
   * Looks up what entities the rows mean, for all of them together. May go on while rows before them are judged, as it
   * asks for nothing but what the table has.
   */
  async meaningOf(records: readonly ReadRecord[]): Promise<Meaning | undefined> {
    return this.relations.changes?.(dataOf(records));
  }

  /** Judges the next rows. Whoever has begun to look up what they mean says so. */
  async judge(records: readonly ReadRecord[], meaning?: Promise<Meaning | undefined>): Promise<Verdict[]> {
    const { hierarchy, references, changes } = this.relations;
    const rowsSoFar = this.tally.rows + records.length;
    if (hierarchy && rowsSoFar > hierarchyRows) throw tooManyParents(this.process);
    if (changes && rowsSoFar > changingRows) throw tooManyChanges(this.process);
    const [known] = await Promise.all([meaning ?? this.meaningOf(records), references?.learn(dataOf(records))]);
    this.tally.rows += records.length;
    return records.map((record) => this.judgeOne(record, known));
  }

  private judgeOne({ rowNumber, read, identifier }: ReadRecord, meaning: Meaning | undefined): Verdict {
    const planned = 'errors' in read ? read : this.planOf(read, meaning);
    if ('errors' in planned) return this.invalid(identifier, planned.errors);
    const { uniqueIdentifier } = read as ReadableRow;
    const { change, claims } = planned;
    const first = this.firstRows.claim(
      claims.map(({ key }) => key),
      rowNumber,
    );
    if (first) {
      this.tally.duplicate += 1;
      const column = claims[first.index]?.column;
      return { uniqueIdentifier, duplicateOf: first.rowNumber, ...(column !== undefined && { duplicateIn: column }) };
    }
    if (!change) return this.valid(rowNumber, read as ReadableRow);
    const { effect, entityId, data } = change;
    this.tally[effect === 'known' ? 'known' : 'valid'] += 1;
    return { uniqueIdentifier, effect, entityId, ...(effect !== 'known' && { data }) };
  }

  /** What the row is to do, and all that no other row may name; or what stands in its way. */
  private planOf({ data, uniqueIdentifier }: ReadableRow, meaning: Meaning | undefined): RowPlan {
    const errors = this.relations.references?.errorsOf(data) ?? [];
    if (!meaning) return errors.length > 0 ? { errors } : { claims: [{ key: uniqueIdentifier }] };
    const resolved = meaning.resolver.resolve(data);
    const change = meaning.planner.plan('data' in resolved ? resolved.data : data, uniqueIdentifier);
    const all = [...errors, ...errorsIn(resolved), ...errorsIn(change)];
    if (all.length > 0 || 'errors' in change) return { errors: all };
    return { change, claims: change.claims.map((claim) => ({ key: uniqueKey(claim), column: claim.field })) };
  }

  private invalid(identifier: string, errors: readonly RowError[]): Verdict {
    this.tally.invalid += 1;
    // Noted all the same, so that the rows below it do not miss their parent.
    const named = normalizeIdentifier(identifier);
    if (named !== '') this.relations.hierarchy?.mention(named);
    return { errors };
  }

  private valid(rowNumber: number, { uniqueIdentifier, data }: ReadableRow): Verdict {
    this.tally.valid += 1;
    this.relations.hierarchy?.add(uniqueIdentifier, parentOf(this.process, data) ?? '', rowNumber);
    return { uniqueIdentifier, data };
  }
}

type RowPlan =
  | { readonly errors: readonly RowError[] }
  | {
      readonly change?: PlannedChange;
      readonly claims: readonly { readonly key: string; readonly column?: string }[];
    };

function dataOf(records: readonly ReadRecord[]): RowData[] {
  return records.flatMap(({ read }) => ('data' in read ? [read.data] : []));
}

function errorsIn(outcome: object): readonly RowError[] {
  return 'errors' in outcome ? (outcome.errors as readonly RowError[]) : [];
}

function tooManyParents({ name }: ProcessDefinition): SheetError {
  return new SheetError(
    'too_many_rows',
    `The sheet has more than ${hierarchyRows} rows. Those of ${name} have parents, which are checked all together. Split it, the upper levels first.`,
  );
}

function tooManyChanges({ name }: ProcessDefinition): SheetError {
  return new SheetError(
    'too_many_rows',
    `The sheet has more than ${changingRows} rows. Those of ${name} are compared with each other in several fields. Split it.`,
  );
}
