import type { z } from 'zod';

/** Members of a submission that say where its rows come from, and how its sheet is to be read. */
interface Submitted {
  readonly fileName?: string | undefined;
  readonly size?: number | undefined;
  readonly records?: readonly unknown[] | undefined;
  readonly entityIds?: readonly string[] | undefined;
  readonly sheetName?: string | undefined;
  readonly columns?: object | undefined;
}

interface Finding {
  /** The member; absent when the whole is meant. */
  readonly member?: keyof Submitted;
  readonly expected: string;
}

/** For a schema: rows come from one place, and nothing is said of a sheet where there is none. */
export function checkRowSource(submitted: Submitted, context: z.core.$RefinementCtx<Submitted>): void {
  for (const { member, expected } of [...sourceFindings(submitted), ...sheetFindings(submitted)]) {
    context.addIssue({
      code: 'custom',
      message: `expected ${expected}`,
      path: member ? [member] : [],
      input: member ? submitted[member] : submitted,
    });
  }
}

function sourceFindings({ fileName, size, records, entityIds }: Submitted): Finding[] {
  const sources = [fileName ?? size, records, entityIds].filter((source) => source !== undefined);
  if (sources.length !== 1) return [{ expected: 'one of `fileName` and `size`, `records`, or `entityIds`' }];
  if (records || entityIds) return [];
  if (size === undefined) return [{ member: 'size', expected: 'the bytes of the sheet, with `fileName`' }];
  if (fileName === undefined) return [{ member: 'fileName', expected: "the sheet's name, with `size`" }];
  return [];
}

/** Records have keys, which `columns` may speak of; entities have nothing to be read by. */
function sheetFindings({ records, entityIds, sheetName, columns }: Submitted): Finding[] {
  const findings: Finding[] = [];
  if (sheetName !== undefined && (records || entityIds)) {
    findings.push({ member: 'sheetName', expected: 'nothing, since without a file there is no workbook' });
  }
  if (columns && entityIds) {
    findings.push({ member: 'columns', expected: 'nothing, since `entityIds` have no headers' });
  }
  return findings;
}
