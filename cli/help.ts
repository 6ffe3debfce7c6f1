import type { Command, OptionSpec } from './command.ts';
import { bold } from './terminal.ts';

const usualExitCodes = [
  '0  completed: every row is in order',
  '1  failed, or partly failed: the summary and the report say which rows and why',
  '2  unusable: an argument, the sheet as a whole, the endpoint or the key has to be changed first',
];

/** The help of `rollcall` itself. */
export function overallHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => synopsis(command).length));
  return [
    'Rollcall turns a sheet of data into entities, each row exactly once, and accounts for every row.',
    '',
    heading('Usage'),
    '  rollcall COMMAND [options]',
    '',
    heading('Commands'),
    ...commands.map((command) => `  ${synopsis(command).padEnd(width)}  ${command.summary}`),
    '',
    '  rollcall COMMAND --help explains a command; --version says which Rollcall this is.',
    '',
    heading('Where the service is'),
    '  --endpoint URL and --key KEY, else the environment variables ROLLCALL_ENDPOINT and ROLLCALL_KEY,',
    '  else the local stack that `npm start` runs. `npm start -- COMMAND …` boots one when none is running.',
    '',
    heading('Exit codes'),
    ...indent(usualExitCodes),
    '',
    heading('First steps (in a checkout: npx rollcall …)'),
    ...indent([
      'npm start                                        # the local stack with an example campaign',
      'rollcall processes                               # what can be uploaded, and its columns',
      'rollcall template facilityCreation               # an empty sheet to fill in',
      'rollcall run facilityCreation.xlsx --process facilityCreation --reference cmp-123',
    ]),
  ].join('\n');
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  return [
    command.summary,
    '',
    heading('Usage'),
    `  rollcall ${synopsis(command)}${requiredOptions(command)} [options]`,
    '',
    ...indent(command.description.split('\n')),
    '',
    ...section(
      'Arguments',
      command.arguments.map(({ name, help }) => [name, help]),
    ),
    ...section(
      'Options',
      Object.entries(command.options).map(([name, spec]) => [optionLabel(name, spec), optionHelp(spec)]),
    ),
    heading('Exit codes'),
    ...indent(command.exitCodes ?? usualExitCodes),
    '',
    heading('Examples'),
    ...indent(command.examples),
  ].join('\n');
}

function synopsis(command: Command): string {
  return [command.name, ...command.arguments.map(({ name, optional }) => (optional ? `[${name}]` : name))].join(' ');
}

function requiredOptions(command: Command): string {
  return Object.entries(command.options)
    .filter(([, spec]) => spec.required)
    .map(([name, spec]) => ` ${optionLabel(name, spec)}`)
    .join('');
}

function optionLabel(name: string, spec: OptionSpec): string {
  const value = spec.choices?.join('|') ?? spec.value;
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function optionHelp(spec: OptionSpec): string {
  return spec.required ? `${spec.help} Required.` : spec.help;
}

function section(title: string, entries: readonly (readonly [string, string])[]): string[] {
  if (entries.length === 0) return [];
  const width = Math.max(...entries.map(([label]) => label.length));
  return [heading(title), ...entries.map(([label, help]) => `  ${label.padEnd(width)}  ${help}`), ''];
}

function heading(title: string): string {
  return bold(title);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}
