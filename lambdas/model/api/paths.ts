import { z } from 'zod';

/** Path parameters of what is about one action. */
export const actionPath = z.object({ actionId: z.uuid() });
