/** The columns that Rollcall adds to a report. A report that is uploaded again has them too; there they mean nothing. */
export const reportColumns = {
  /** The row's answer, e.g. `created`. */
  status: '#status#',
  /** All messages of the row's errors. */
  errorDetails: '#errorDetails#',
  entityId: '#entityId#',
} as const;

const names = new Set(Object.values(reportColumns).map((name) => name.toLowerCase()));

/** True for a column of Rollcall's own, which is no part of the sheet's data. */
export function isReportColumn(header: string): boolean {
  return names.has(header.trim().toLowerCase());
}
