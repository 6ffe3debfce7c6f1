import { connectionOptions, defineCommand } from '../command.ts';
import { exitCodes } from '../errors.ts';
import { openSheet } from '../sheet-file.ts';
import { readSubmission, submissionOptions, submitSheet } from '../submit-sheet.ts';
import { note, print } from '../terminal.ts';

export const upload = defineCommand({
  name: 'upload',
  summary: 'Upload a sheet without waiting for it',
  description: `Submits SHEET like \`rollcall run\`, prints the action's id on standard output and ends. The service goes on by
itself: follow it with \`rollcall watch\`, fetch its report with \`rollcall report\`.`,
  arguments: [{ name: 'SHEET', help: 'The file to upload.' }],
  options: {
    ...submissionOptions,
    json: { type: 'boolean', help: 'Print {"actionId"} instead of the bare id.' },
    ...connectionOptions,
  },
  exitCodes: [
    '0  the sheet has arrived',
    '1  the upload did not get through, or the service had a fault',
    '2  unusable: an argument, the sheet, the endpoint or the key has to be changed first',
  ],
  examples: [
    'rollcall upload facilities.xlsx --process facilityCreation --reference cmp-123',
    'rollcall watch "$(rollcall upload users.csv --process userCreation --reference cmp-123)"',
  ],
  async run(session, options, path) {
    const sheet = await openSheet(path);
    const submission = await readSubmission(options);
    const api = await session.connect(options);
    const actionId = await submitSheet(api, sheet, submission, session.interrupted);
    print(options.json ? JSON.stringify({ actionId }) : actionId);
    note(`Follow it with \`rollcall watch ${actionId}\`.`);
    return exitCodes.completed;
  },
});
