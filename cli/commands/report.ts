import { connectionOptions, defineCommand } from '../command.ts';
import { defaultDirectory, downloadReport } from '../download-report.ts';
import { exitCodes } from '../errors.ts';
import { baseName } from '../finish-action.ts';
import { print } from '../terminal.ts';
import { readAction } from '../watch-action.ts';

export const report = defineCommand({
  name: 'report',
  summary: "Download an ended action's report",
  description: `Downloads the report of ACTION: every row of its sheet with status and errors in the sheet's own format,
failed.csv with the rows to correct and run again, and summary.json. Prints the path of each file.`,
  arguments: [{ name: 'ACTION', help: "The action's id." }],
  options: {
    out: { type: 'string', value: 'DIR', help: 'Where the files go; default: rollcall-report/ACTION.' },
    json: { type: 'boolean', help: 'Print {"actionId", "report": [paths]}.' },
    ...connectionOptions,
  },
  exitCodes: [
    '0  downloaded, whatever the action came to',
    '1  the service or its storage had a fault',
    '2  unusable: no such action, one that has not ended, or an argument to change',
  ],
  examples: ['rollcall report 0199a3c1-7b1e-7d52-9f0e-3c9f5d1b2a40 --out reports'],
  async run(session, options, actionId) {
    const api = await session.connect(options);
    const action = await readAction(api, actionId, { signal: session.interrupted });
    const place = { directory: options.out ?? defaultDirectory(action.actionId), baseName: baseName(action) };
    const paths = await downloadReport(api, actionId, place, session.interrupted);
    print(options.json ? JSON.stringify({ actionId, report: paths }) : paths.join('\n'));
    return exitCodes.completed;
  },
});
