import type { RowAnswer } from '../lambdas/model/row.ts';
import type { ApiClient } from './api-client.ts';
import type { BulkActionView, RowList, RowView } from './api-types.ts';

/** One error of one row, ready to be shown. */
export interface RowFinding {
  readonly rowNumber: number;
  readonly column: string;
  readonly value: string;
  readonly message: string;
}

/** Enough to see the pattern; the report has all of them. */
const shownFindings = 5;

/**
 * The first errors of an ended action: invalid and failed rows. Unprocessed ones only when nothing else went wrong,
 * and not when the action as a whole has a problem, which is then that of each of them.
 */
export async function firstFindings(
  api: ApiClient,
  { actionId, counts, problem }: BulkActionView,
  interrupted: AbortSignal,
): Promise<RowFinding[]> {
  const wrong = (['invalid', 'failed'] as const).filter((answer) => counts[answer] > 0);
  const left: RowAnswer[] = counts.unprocessed > 0 && !problem ? ['unprocessed'] : [];
  const answers = wrong.length > 0 ? wrong : left;
  const lists = await Promise.all(
    answers.map((status) =>
      api.get<RowList>(
        `/api/bulk-actions/${encodeURIComponent(actionId)}/rows`,
        { status, limit: shownFindings },
        { signal: interrupted },
      ),
    ),
  );
  return lists
    .flatMap(({ items }) => items.flatMap(findingsOf))
    .sort((a, b) => a.rowNumber - b.rowNumber)
    .slice(0, shownFindings);
}

function findingsOf({ rowNumber, errors = [] }: RowView): RowFinding[] {
  return errors.map(({ column = '', value = '', message }) => ({ rowNumber, column, value, message }));
}
