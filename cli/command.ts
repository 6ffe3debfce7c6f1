import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { ApiClient } from './api-client.ts';
import { type ExitCode, UnusableError } from './errors.ts';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly help: string;
  /** What stands for the value in the help, e.g. `URL`. */
  readonly value?: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  /** May be given several times; its value is the list of them. */
  readonly multiple?: true;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  /** May be left out, with all that come after it. */
  readonly optional?: true;
}

type Value<Spec extends OptionSpec> = Spec['type'] extends 'boolean'
  ? boolean
  : Spec['multiple'] extends true
    ? readonly string[]
    : string;
type Positionals<Arguments extends readonly ArgumentSpec[]> = {
  readonly [Index in keyof Arguments]: Arguments[Index]['optional'] extends true ? string | undefined : string;
};
type RequiredNames<Specs extends OptionSpecs> = {
  [Name in keyof Specs]: Specs[Name]['required'] extends true ? Name : never;
}[keyof Specs];
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in RequiredNames<Specs>]: Value<Specs[Name]>;
} & {
  readonly [Name in Exclude<keyof Specs, RequiredNames<Specs>>]?: Value<Specs[Name]>;
};

/** What every command may use besides its own arguments. */
export interface Session {
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Finds the service by the options, the environment or the running local stack. */
  connect(options: { readonly endpoint?: string; readonly key?: string }): Promise<ApiClient>;
}

export interface CommandDefinition<Arguments extends readonly ArgumentSpec[], Options extends OptionSpecs> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What happens, in a few sentences. */
  readonly description: string;
  readonly arguments: Arguments;
  readonly options: Options;
  readonly examples: readonly string[];
  /** What 0, 1 and 2 mean where it differs from the usual. */
  readonly exitCodes?: readonly string[];
  run(session: Session, options: OptionValues<Options>, ...args: Positionals<Arguments>): Promise<ExitCode>;
}

export interface Command extends Omit<CommandDefinition<readonly ArgumentSpec[], OptionSpecs>, 'run'> {
  /** Throws UnusableError when the arguments are not this command's. */
  invoke(session: Session, args: readonly string[]): Promise<ExitCode>;
}

/** The options of every command that talks to the service. */
export const connectionOptions = {
  endpoint: { type: 'string', value: 'URL', help: 'The service; default: ROLLCALL_ENDPOINT, else the local stack.' },
  key: { type: 'string', value: 'KEY', help: 'The API key; default: ROLLCALL_KEY, else that of the local stack.' },
} as const satisfies OptionSpecs;

export function defineCommand<const Arguments extends readonly ArgumentSpec[], const Options extends OptionSpecs>(
  definition: CommandDefinition<Arguments, Options>,
): Command {
  return {
    ...definition,
    invoke(session, args) {
      const { values, positionals } = parse(definition, args);
      return definition.run(
        session,
        values as OptionValues<Options>,
        ...(positionals as unknown as Positionals<Arguments>),
      );
    },
  };
}
type Definition = Pick<Command, 'name' | 'arguments' | 'options'>;

function parse(command: Definition, args: readonly string[]) {
  const parsed = parseStrictly(command, args);
  checkArguments(command, parsed.positionals);
  for (const [name, spec] of Object.entries(command.options)) checkOption(command, name, spec, parsed.values[name]);
  return parsed;
}

function parseStrictly(command: Definition, args: readonly string[]) {
  const options: ParseArgsConfig['options'] = {};
  for (const [name, { type, multiple = false }] of Object.entries(command.options)) options[name] = { type, multiple };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // parseArgs says which option is unknown or lacks its value; its further advice about `--` is for programmers.
    const [reason = ''] = (error as Error).message.split(/\. |\n/);
    throw misuse(command, reason, error);
  }
}

function checkArguments(command: Definition, positionals: readonly string[]): void {
  const missing = command.arguments[positionals.length];
  if (missing && !missing.optional) throw misuse(command, `${missing.name} is missing`);
  const unexpected = positionals[command.arguments.length];
  if (unexpected !== undefined) throw misuse(command, `unexpected argument '${unexpected}'`);
}

function checkOption(command: Definition, name: string, spec: OptionSpec, value: unknown): void {
  if (value === undefined) {
    if (spec.required) throw misuse(command, `--${name} ${spec.value ?? ''} is missing`);
    return;
  }
  if (value === '' || (Array.isArray(value) && value.includes(''))) throw misuse(command, `--${name} is empty`);
  if (spec.choices && !spec.choices.includes(String(value))) {
    throw misuse(command, `--${name} must be ${spec.choices.join(' or ')}, not '${value}'`);
  }
}

function misuse(command: Definition, message: string, cause?: unknown): UnusableError {
  return new UnusableError(message, `See \`rollcall ${command.name} --help\`.`, { cause });
}
