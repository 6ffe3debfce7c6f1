import { writeFile } from 'node:fs/promises';
import { connectionOptions, defineCommand } from '../command.ts';
import { exitCodes, UnusableError } from '../errors.ts';
import { print } from '../terminal.ts';

export const template = defineCommand({
  name: 'template',
  summary: 'Download an empty sheet to fill in',
  description: `Downloads the template of PROCESS, made from what the service checks rows against: its columns with the required
ones marked, drop-downs where there is a choice, and a sheet that explains each column. Never overwrites a file.`,
  arguments: [{ name: 'PROCESS', help: 'What the rows are; see `rollcall processes`.' }],
  options: {
    format: { type: 'string', choices: ['xlsx', 'csv'], help: 'Default: xlsx. CSV has the header row only.' },
    out: { type: 'string', value: 'FILE', help: 'Where it goes; default: PROCESS.xlsx or PROCESS.csv.' },
    ...connectionOptions,
  },
  exitCodes: [
    '0  downloaded',
    '1  the service had a fault',
    '2  unusable: no such process, a file that is in the way, or an argument to change',
  ],
  examples: ['rollcall template facilityCreation', 'rollcall template userCreation --format csv --out users.csv'],
  async run(session, { format = 'xlsx', out, ...connection }, name) {
    const api = await session.connect(connection);
    const path = `/api/processes/${encodeURIComponent(name)}/template`;
    const bytes = await api.getFile(path, { format }, { signal: session.interrupted });
    const file = out ?? `${name}.${format}`;
    await writeNew(file, bytes);
    print(file);
    return exitCodes.completed;
  },
});

/** A template may have been filled in since: an existing file stays. */
async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is already there' : `cannot be written (${code})`;
    throw new UnusableError(`${file} ${why}`, 'Name another file with --out FILE.', { cause: error });
  }
}
