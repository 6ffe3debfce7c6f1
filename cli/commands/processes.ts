import type { ProcessDescription, ProcessList } from '../api-types.ts';
import { connectionOptions, defineCommand } from '../command.ts';
import { exitCodes } from '../errors.ts';
import { table } from '../table.ts';
import { bold, print } from '../terminal.ts';

export const processes = defineCommand({
  name: 'processes',
  summary: 'List what can be uploaded, and its columns',
  description: `Lists the processes that the service knows: what is made of a row, which column makes it unique, what
happens when rows are invalid, and every column with what is expected in it.`,
  arguments: [],
  options: { json: { type: 'boolean', help: 'Print a JSON array.' }, ...connectionOptions },
  exitCodes: [
    '0  listed',
    '1  the service had a fault',
    '2  unusable: an argument, the endpoint or the key has to be changed first',
  ],
  examples: ['rollcall processes', "rollcall processes --json | jq '.[].name'"],
  async run(session, options) {
    const api = await session.connect(options);
    const { items } = await api.get<ProcessList>('/api/processes', {}, { signal: session.interrupted });
    print(options.json ? JSON.stringify(items) : items.map(describe).join('\n\n'));
    return exitCodes.completed;
  },
});

function describe({
  name,
  title,
  entity,
  action,
  uniqueColumn,
  identifiedBy = [uniqueColumn],
  onInvalidRow,
  columns,
}: ProcessDescription): string {
  const lines = table(
    [{ title: 'column' }, { title: 'required' }, { title: 'example', width: 32 }, { title: 'expected' }],
    columns.map((column) => [column.name, column.required ? 'yes' : '', column.example, column.expected]),
    { indent: 2 },
  );
  const facts = `${title}: ${action} ${entity}, unique by ${identifiedBy.join(' or ')}, on invalid rows ${onInvalidRow}`;
  return [bold(name), `  ${facts}`, '', ...lines.map((line) => `  ${line}`)].join('\n');
}
