import type { BulkAction } from '../model/action.ts';
import { didYouMean } from '../model/edits.ts';
import { parentOf } from '../model/entity.ts';
import { parentTooDeep } from '../model/hierarchy.ts';
import type { ProcessDefinition } from '../model/process.ts';
import type { RowError } from '../model/row.ts';
import type { StagedRow } from '../model/staged-row.ts';
import type { EntityIndex } from '../store/entity-index.ts';
import { type SheetBucket, sheetKeys } from '../store/sheet-bucket.ts';
import type { Hierarchy, Misplacement } from './hierarchy.ts';
import { KnownEntities } from './known-entities.ts';
import { NearestIdentifiers } from './nearest-identifiers.ts';

interface Placement {
  readonly process: ProcessDefinition;
  readonly hierarchy: Hierarchy;
  /** Present when a parent is missing. */
  readonly nearest: NearestIdentifiers | undefined;
}

const rowsAtATime = 1_000;

/**
 * A sheet's second pass, when all parents of its rows are known: writes into its chunks at which level each valid row
 * stands, or why it can't stand where it would. Answers with the number of the latter.
 */
export async function placeRows(
  { bucket, entityIndex }: { bucket: SheetBucket; entityIndex: EntityIndex },
  { accountId, actionId }: Pick<BulkAction, 'accountId' | 'actionId'>,
  chunks: readonly string[],
  process: ProcessDefinition,
  hierarchy: Hierarchy,
): Promise<{ misplaced: number }> {
  const known = new KnownEntities(entityIndex, { accountId, entity: process.entity });
  const outside = hierarchy.outside();
  await known.learn(new Set(outside));
  hierarchy.place((identifier) => known.levelOf(identifier));
  const isComplete = outside.every((identifier) => known.levelOf(identifier) !== undefined);
  const nearest = isComplete ? undefined : new NearestIdentifiers([...(await known.all()), ...hierarchy.rows()]);
  let misplaced = 0;
  for (const chunk of chunks) {
    const rows = await placedRows(bucket, sheetKeys.chunk(actionId, chunk), { process, hierarchy, nearest });
    misplaced += rows.misplaced;
    await bucket.putLines(sheetKeys.chunk(actionId, chunk), rows.placed);
  }
  return { misplaced };
}

async function placedRows(
  bucket: SheetBucket,
  key: string,
  placement: Placement,
): Promise<{ placed: StagedRow[]; misplaced: number }> {
  const placed: StagedRow[] = [];
  let misplaced = 0;
  for await (const rows of bucket.readLines<StagedRow>(key, rowsAtATime)) {
    for (const row of rows) {
      const now = place(row, placement);
      if (row.data && !now.data) misplaced += 1;
      placed.push(now);
    }
  }
  return { placed, misplaced };
}

function place(row: StagedRow, { process, hierarchy, nearest }: Placement): StagedRow {
  const { uniqueIdentifier, data, ...input } = row;
  if (uniqueIdentifier === undefined || data === undefined) return row;
  const at = hierarchy.placeOf(uniqueIdentifier);
  if ('level' in at) return { ...row, level: at.level };
  return { ...input, errors: [errorOf(at, parentOf(process, data) ?? '', process.entity, nearest)] };
}

function errorOf(
  misplacement: Misplacement,
  parent: string,
  entity: string,
  nearest: NearestIdentifiers | undefined,
): RowError {
  switch (misplacement.kind) {
    case 'missing': {
      const suggestions = didYouMean(nearest?.to(parent) ?? []) || ' Add it to the sheet, or correct the code.';
      const message = `The parent ${parent} is neither in this sheet nor a known ${entity}.${suggestions}`;
      return { code: 'parent_missing', message, value: parent };
    }
    case 'self': {
      const message = `The row names itself as its parent. Name the ${entity} above it, or leave the parent empty for a root.`;
      return { code: 'parent_self', message, value: parent };
    }
    case 'too_deep':
      return parentTooDeep(parent);
    case 'cycle':
      return { code: 'parent_cycle', message: cycleMessage(misplacement), value: parent };
  }
}

function cycleMessage({ steps, length }: Misplacement & { kind: 'cycle' }): string {
  const shown = steps.map(({ identifier, rowNumber }) => `${identifier} (row ${rowNumber})`);
  const rest = length > steps.length ? [`… ${length - steps.length} more …`] : [];
  const way = [...shown, ...rest, steps[0]?.identifier].join(' → ');
  return `The parents go round in a circle: ${way}. Correct the parent of one of them.`;
}
