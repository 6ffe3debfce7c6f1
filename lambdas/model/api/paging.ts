import { z } from 'zod';

/** What the schemas of all areas of the API share. */

export const time = z.iso.datetime();
export const cursor = z
  .string()
  .max(2_048)
  .meta({ description: 'The `cursor` of the page before; absent for the first page.' });
export const limit = z.coerce.number().int().min(1).max(1_000).default(100);
