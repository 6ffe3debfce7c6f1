import type { z } from 'zod';
import type { ActionKind, InvalidRowPolicy } from './action.ts';
import type { EntityScope, RowScopeKind } from './identity.ts';
import type { MappingType } from './mapping.ts';

/** How people meet a column: in the template, in the header row and in error messages. */
export interface ColumnHelp {
  /** One sentence: what belongs here. */
  readonly description: string;
  /** A lifelike value for the template. */
  readonly example: string;
  /** Further header names that mean this column. */
  readonly aliases?: readonly string[];
  /** Offered as a drop-down in the template. */
  readonly choices?: readonly string[];
  /** Several values in one cell, separated by `,` or `;`. */
  readonly list?: boolean;
  /** Text that looks like a number, e.g. a phone number: formatted as text in the template. */
  readonly textual?: boolean;
}

/** What the values of a column name: entities that an account has once, made by another process. */
export interface EntityReference {
  readonly entity: string;
  /** Accounts that have no such entity at all may name any: nobody has told Rollcall which there are. */
  readonly onlyIfAny?: boolean;
  /**
   * The unique field by which the entity may be named instead of by its id; whichever the row gives, the id is kept.
   * Absent where the entity's id follows from its identifier.
   */
  readonly uniqueField?: string;
}

/** By what rows name an entity that its account has once and that can change, and what the entity has to have. */
export interface EntityKeys {
  /** Fields of which no two entities of the account have the same value; each alone identifies one. The most telling first. */
  readonly unique: readonly string[];
  /** Fields that no entity is without. */
  readonly required: readonly string[];
}

/** The column by which rows may name an entity that is there already, besides its unique fields. */
export const entityIdColumn = 'entityId';

export type RowSchema = z.ZodObject<Record<string, z.ZodType>>;

/** A registered definition of what a row must look like and what becomes of it. */
export interface ProcessDefinition<Schema extends RowSchema = RowSchema> {
  /** `processName`, unique in the registry, e.g. `facilityCreation`. */
  readonly name: string;
  /** What the template's title says. */
  readonly title: string;
  /** What is created, e.g. `facility`; names the entity target. */
  readonly entity: string;
  /** Absent means `reference`. */
  readonly entityScope?: EntityScope;
  /** Absent means `reference`. */
  readonly rowScope?: RowScopeKind;
  /** For entities that can change; absent where they are created once, under an id that follows from the row. */
  readonly entityKeys?: EntityKeys;
  readonly action: ActionKind;
  /** One schema per column, made with `column(...)`; turns the cell's text into the row's value. */
  readonly row: Schema;
  /** Help for each column of `row`. */
  readonly columns: { readonly [Name in keyof z.infer<Schema>]-?: ColumnHelp };
  /** The column that makes a row unique, named in duplicate and known answers. */
  readonly uniqueColumn: keyof z.infer<Schema> & string;
  /** The row's identity within account, reference and process: trimmed and NFC-normalized by the caller. */
  readonly uniqueIdentifier: (row: z.infer<Schema>) => string;
  /** Where the entity stands; absent for processes without boundaries. */
  readonly mapping?: {
    readonly type: MappingType;
    readonly boundaries: (row: z.infer<Schema>) => readonly string[];
    /** False detaches all of the row's boundaries. Absent means always active. */
    readonly active?: (row: z.infer<Schema>) => boolean;
  };
  /** The unique identifier of the row that must exist before this one; makes the process hierarchical. Empty for a root. */
  readonly parent?: (row: z.infer<Schema>) => string | undefined;
  /** By column: what its values, one or several, are identifiers of. A row that names what is not there is invalid. */
  readonly references?: { readonly [Name in keyof z.infer<Schema>]?: EntityReference };
  readonly onInvalidRow: InvalidRowPolicy;
  /** `fail`: a failed row makes the action `failed`. `complete`: it ends `completed_with_failures`. */
  readonly onFailedRow: 'fail' | 'complete';
}
