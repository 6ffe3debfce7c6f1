import { connectionOptions, defineCommand } from '../command.ts';
import { makeReportDirectory } from '../download-report.ts';
import { finishAction } from '../finish-action.ts';
import { openSheet } from '../sheet-file.ts';
import { readSubmission, submissionOptions, submitSheet } from '../submit-sheet.ts';

export const run = defineCommand({
  name: 'run',
  summary: 'Upload a sheet, follow it to the end and download its report',
  description: `Submits SHEET (CSV, TSV, XLSX, JSON array or NDJSON; told apart by content), shows the progress on standard
error and, at the end, what became of the rows on standard output. The report has every row of the sheet once, in
its order, with its status and errors; failed.csv has the invalid and failed rows, ready to be corrected and run again.
Running the same sheet twice creates nothing twice: rows that exist already are counted as known.
Ctrl-C stops the watching; once uploaded, the action goes on without it.`,
  arguments: [{ name: 'SHEET', help: 'The file to upload.' }],
  options: {
    ...submissionOptions,
    out: { type: 'string', value: 'DIR', help: 'Where the report goes; default: rollcall-report/ACTION.' },
    json: {
      type: 'boolean',
      help: 'Last line of standard output: {"actionId", "status", "counts", "mapping", "report": [paths]}.',
    },
    ...connectionOptions,
  },
  examples: [
    'rollcall run facilities.xlsx --process facilityCreation --reference cmp-123',
    'rollcall run users.csv --process userCreation --reference cmp-123 --on-invalid skip --out reports',
    'rollcall run campaign.xlsx --sheet Boundaries --process campaignCreation --reference cmp-123 --json | tail -n 1',
  ],
  async run(session, options, path) {
    const sheet = await openSheet(path);
    if (options.out !== undefined) await makeReportDirectory(options.out);
    const submission = await readSubmission(options);
    const api = await session.connect(options);
    const actionId = await submitSheet(api, sheet, submission, session.interrupted);
    return finishAction(session, api, actionId, options);
  },
});
