import type { SheetFormat } from '../sheets/sheet.ts';

/** File names of an action's report under `reports/{actionId}/`. */
export const reportNames = {
  report: (format: SheetFormat) => `report.${format}`,
  failed: 'failed.csv',
  revived: 'revived.csv',
  summary: 'summary.json',
};
