import type { z } from 'zod';
import type { processSchema } from '../model/api.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { cellFacts } from './cell.ts';
import { hasEntityKeys, identifyingColumns } from './entity-row.ts';

/** A process as the API and the template describe it. */
export type ProcessView = z.infer<typeof processSchema>;

/** Tells what a process's sheet must look like, from the very schema that its rows are read by. */
export function describeProcess(process: ProcessDefinition): ProcessView {
  const { name, title, entity, action, uniqueColumn, onInvalidRow } = process;
  const columns = Object.entries(process.row.shape).map(([columnName, schema]) => {
    const { required, expected } = cellFacts(schema);
    const help = process.columns[columnName];
    if (!help) throw new Error(`${name}: the column ${columnName} has no help`);
    const { description, example, choices } = help;
    return { name: columnName, required, description, example, expected, ...(choices && { choices: [...choices] }) };
  });
  const identifiedBy = hasEntityKeys(process) ? { identifiedBy: [...identifyingColumns(process)] } : {};
  return { name, title, entity, action, uniqueColumn, ...identifiedBy, onInvalidRow, columns };
}
