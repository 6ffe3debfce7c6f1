import { z } from 'zod';

/** A sheet has no more columns than this. */
const mostHeaders = 256;
/** The mapping is kept with the action, whose item has a limit of its own. */
const mappingBytes = 32_768;

/**
 * What the headers of a sheet mean: the process's column by header, or null for one to be ignored. Headers that are not
 * named are matched by name and alias.
 */
export const columnMappingSchema = z
  .record(z.string().min(1).max(1_000), z.string().min(1).max(64).nullable())
  .refine((columns) => Object.keys(columns).length <= mostHeaders, { error: `expected at most ${mostHeaders} headers` })
  .refine((columns) => Buffer.byteLength(JSON.stringify(columns)) <= mappingBytes, {
    error: `expected at most ${mappingBytes} bytes as JSON`,
  })
  .meta({
    id: 'ColumnMapping',
    description:
      "By header of the sheet: the process's column that it holds, or null to ignore it. Wins over names and aliases; headers that are not named here are matched by those.",
    examples: [{ 'E-mail': 'email', 'Internal note': null }],
  });
export type ColumnMapping = Readonly<z.infer<typeof columnMappingSchema>>;
