import { z } from 'zod';

/** A tenant. It comes from the caller's API key only, never from a body or a path. */
export const accountIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: 'expected lower-case letters, digits and hyphens, at most 63 characters',
});

/** What a set of sheets belongs to, e.g. a campaign. Chosen by the caller; part of S3 keys, so its alphabet is narrow. */
export const referenceIdSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
  error: 'expected letters, digits, dot, underscore or hyphen, at most 128 characters',
});

/** Roles from most to least able; each includes all that stand behind it. */
export const roles = ['admin', 'operator', 'producer', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** True when `role` may do what `least` may. */
export function roleAllows(role: Role, least: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(least);
}

/** Who is calling, as the authorizer found out from the API key. */
export interface Caller {
  readonly accountId: string;
  readonly keyId: string;
  readonly role: Role;
}
