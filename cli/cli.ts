import { readFile } from 'node:fs/promises';
import { ApiClient } from './api-client.ts';
import type { Command, Session } from './command.ts';
import { commands } from './commands/index.ts';
import { findEndpoint, type LocalStackFinder } from './endpoint.ts';
import { CliError, type ExitCode, exitCodes, UnusableError } from './errors.ts';
import { commandHelp, overallHelp } from './help.ts';
import { noteError } from './note-error.ts';
import { note, print, red } from './terminal.ts';

export interface CliHost {
  /** Asked when neither options nor environment name a service. */
  readonly findLocalStack?: LocalStackFinder;
}

/** Runs one command; every error ends as a message and an exit code. */
export async function runCli(args: readonly string[], host: CliHost = {}): Promise<ExitCode> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  // Once: a second Ctrl-C ends the process the usual way.
  process.once('SIGINT', interrupt);
  try {
    return await dispatch(args, {
      interrupted: interruption.signal,
      connect: async (options) => new ApiClient(await findEndpoint(options, host.findLocalStack)),
    });
  } catch (error) {
    if (interruption.signal.aborted && !(error instanceof CliError)) return exitCodes.interrupted;
    return reportError(error);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

async function dispatch([name, ...args]: readonly string[], session: Session): Promise<ExitCode> {
  if (name === undefined) {
    note(overallHelp(commands));
    return exitCodes.unusable;
  }
  if (name === '--version') return printed(`rollcall ${await version()}`);
  if (name === '--help' || name === '-h' || (name === 'help' && args.length === 0))
    return printed(overallHelp(commands));
  if (name === 'help') return printed(commandHelp(findCommand(args[0] ?? '')));
  const command = findCommand(name);
  if (asksForHelp(args)) return printed(commandHelp(command));
  return command.invoke(session, args);
}

function printed(text: string): ExitCode {
  print(text);
  return exitCodes.completed;
}

/** What stands after `--` is an argument, even if it looks like an option. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  return options.includes('--help') || options.includes('-h');
}

function findCommand(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command) return command;
  const names = commands.map((candidate) => candidate.name).join(', ');
  throw new UnusableError(`there is no command '${name}'`, `The commands are ${names}. See \`rollcall --help\`.`);
}

async function version(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** An error that is none of ours is a fault of the program: its stack is what is needed to mend it. */
export function reportError(error: unknown): ExitCode {
  if (!(error instanceof CliError)) {
    note(`${red('rollcall:')} a fault in the program itself\n${(error as Error).stack ?? error}`);
    return exitCodes.failed;
  }
  noteError(error);
  return error.exitCode;
}
