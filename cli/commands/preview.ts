import { writeFile } from 'node:fs/promises';
import type { PreviewView } from '../api-types.ts';
import { columnOptions, readColumns } from '../column-options.ts';
import { connectionOptions, defineCommand } from '../command.ts';
import { describePreview } from '../describe-preview.ts';
import { type ExitCode, exitCodes, UnusableError } from '../errors.ts';
import { previewSheet } from '../preview-sheet.ts';
import { openSheet } from '../sheet-file.ts';
import { note, print } from '../terminal.ts';

export const preview = defineCommand({
  name: 'preview',
  summary: 'See what a sheet would give, before anything is made of it',
  description: `Reads the beginning of SHEET as rows of a process and shows what it was found to be, which column each header
probably means, and what is wrong with the first hundred rows if it does. Creates nothing.
With --save the proposed columns go to a file, to be corrected there and used by \`rollcall run --columns\`.`,
  arguments: [{ name: 'SHEET', help: 'The file to look at.' }],
  options: {
    process: { type: 'string', value: 'PROCESS', required: true, help: 'What the rows are; see `rollcall processes`.' },
    ...columnOptions,
    'clear-empty': { type: 'boolean', help: 'Read empty cells as with `rollcall run --clear-empty`.' },
    save: { type: 'string', value: 'FILE', help: 'Write the proposed columns there, as JSON.' },
    json: { type: 'boolean', help: 'Print the preview as the service describes it.' },
    ...connectionOptions,
  },
  exitCodes: [
    '0  the rows that were read are in order',
    '1  some of them are not, or the service had a fault',
    '2  unusable: the sheet lacks columns or is none, or an argument, the endpoint or the key has to be changed first',
  ],
  examples: [
    'rollcall preview contacts.csv --process contactUpsert --save columns.json',
    'rollcall preview contacts.csv --process contactUpsert --column "E-mail=email" --column "Internal note="',
    'rollcall run contacts.csv --process contactUpsert --reference crm --columns columns.json',
  ],
  async run(session, options, path) {
    const sheet = await openSheet(path);
    const columns = await readColumns(options);
    const api = await session.connect(options);
    const reading = {
      processName: options.process,
      sheetName: options.sheet,
      columns,
      clearEmpty: options['clear-empty'],
    };
    const found = await previewSheet(api, sheet, reading, session.interrupted);
    if (options.save !== undefined) await save(options.save, found);
    if (options.json) print(JSON.stringify(found));
    else for (const line of describePreview(found)) print(line);
    return exitCodeOf(found);
  },
});

async function save(path: string, { columns }: PreviewView): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(columns, null, 2)}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UnusableError(`${path} cannot be written (${code})`, 'Name another file with --save FILE.', {
      cause: error,
    });
  }
  note(`The proposed columns are in ${path}.`);
}

function exitCodeOf({ problem, rows }: PreviewView): ExitCode {
  if (problem) return exitCodes.unusable;
  return rows.invalid > 0 ? exitCodes.failed : exitCodes.completed;
}
