import { z } from 'zod';

/**
 * A row as JSON: values by column. No `z.record`, as that drops the key `__proto__` without a word, which in a sheet is an
 * unknown column like others.
 */
export const recordSchema = z
  .custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected an object',
  )
  .meta({ override: { type: 'object', additionalProperties: {} } });
