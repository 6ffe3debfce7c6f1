/** `npm start`: serves the local stack, or runs one command of the command line on it. */
import { reportError, runCli } from '../cli/cli.ts';
import { commands } from '../cli/commands/index.ts';
import { type ExitCode, exitCodes } from '../cli/errors.ts';
import { runningLocalStack } from '../cli/local-endpoint.ts';
import { endQuietlyOnClosedPipe, note, print } from '../cli/terminal.ts';
import { type BootedStack, bootStack } from './start/boot.ts';
import { readStartOptions, type StartOptions, startHelp } from './start/options.ts';
import { serve } from './start/serve.ts';

const commandNames = new Set(commands.map(({ name }) => name));
const servingPort = 4_600;
const anyFreePort = 0;

async function start(args: readonly string[]): Promise<ExitCode> {
  const command = args.findIndex((arg) => commandNames.has(arg));
  const options = readStartOptions(command === -1 ? args : args.slice(0, command));
  if (options.help) {
    print(startHelp);
    return exitCodes.completed;
  }
  if (command === -1) return serve({ ...options, port: options.port ?? servingPort });
  return runCommand(args.slice(command), options);
}

/** On the running stack, unless an ephemeral one is asked for; a stack booted for the command ends with it. */
async function runCommand(args: readonly string[], { port = anyFreePort, ephemeral }: StartOptions): Promise<ExitCode> {
  let booted: BootedStack | undefined;
  const boot = async () => {
    booted = await bootStack({ port, ephemeral });
    return booted;
  };
  try {
    const findLocalStack = ephemeral ? boot : async () => (await runningLocalStack()) ?? (await boot());
    const code = await runCli(args, { findLocalStack });
    if (booted && !ephemeral && code === exitCodes.interrupted) {
      note('The stack that was booted for it stops now. What is under way goes on with the next `npm start`.');
    }
    return code;
  } finally {
    await booted?.stop();
  }
}

// npm runs scripts in the package's directory, but the paths of sheets are meant from where the caller stands.
if (process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
endQuietlyOnClosedPipe();
process.exitCode = await start(process.argv.slice(2)).catch(reportError);
