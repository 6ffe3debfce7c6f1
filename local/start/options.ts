import { parseArgs } from 'node:util';
import { UnusableError } from '../../cli/errors.ts';
import { bold } from '../../cli/terminal.ts';

export const startHelp = `Runs the whole of Rollcall on this machine, from the template and the functions that would be deployed.

${bold('Usage')}
  npm start                            serve until Ctrl-C
  npm start -- COMMAND …               run a command of rollcall on the running stack, else on one booted for it
  npm start -- run SHEET --process PROCESS --reference REFERENCE

  The first start runs the example campaign of examples/ and prints the API key. State is kept in .rollcall/:
  what was under way when the stack ended, however it ended, goes on with the next start.

${bold('Options')} (before COMMAND, if there is one)
  --port PORT   The API's port, the four after it are used too; default: 4600, any free one for a command; 0: any.
  --ephemeral   Keep everything in memory and forget it at the end.
  --no-example  Do not run the example campaign.

${bold('Environment')}
  ROLLCALL_STATE  Another directory for the state than .rollcall/.

  npx rollcall --help explains the commands.`;

/** Undefined where the caller left the choice to us. */
export interface StartOptions {
  readonly port?: number;
  readonly ephemeral: boolean;
  readonly example: boolean;
  readonly help: boolean;
}

export function readStartOptions(args: readonly string[]): StartOptions {
  const { port, ephemeral = false, help = false, 'no-example': noExample = false } = parse(args);
  return { port: port === undefined ? undefined : readPort(port), ephemeral, help, example: !noExample };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const options = {
    port: { type: 'string' },
    ephemeral: flag,
    'no-example': flag,
    help: { ...flag, short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    const [reason = ''] = (error as Error).message.split(/\. |\n/);
    throw new UnusableError(reason, 'See `npm start -- --help`.', { cause: error });
  }
}

function readPort(text: string): number {
  const port = Number(text);
  // The four after it are used too.
  if (/^\d+$/.test(text) && (port === 0 || (port >= 1_024 && port <= 65_531))) return port;
  throw new UnusableError(`--port must be 0 or a number from 1024 to 65531, not '${text}'`);
}
