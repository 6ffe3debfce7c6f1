import { hash } from 'node:crypto';

/** Partitions of one (account, reference, type): 16 × 1,000 writes/s. */
export const shardCount = 16;

/** What makes a row this row, in every action that brings it. */
export interface RowIdentity {
  readonly accountId: string;
  readonly referenceId: string;
  /** The processName. */
  readonly type: string;
  readonly uniqueIdentifier: string;
}

/**
 * How long a row's identity lasts. `reference`: the rows of all actions of a reference and process are one set, so that a
 * sheet uploaded twice is known. `action`: each action's rows are its own, as they say what to do to an entity.
 */
export type RowScopeKind = 'reference' | 'action';

/**
 * Whose an entity is. `reference`: each reference has its own, even of one name. `account`: all references of the account
 * share it, so that an identifier alone says which is meant.
 */
export type EntityScope = 'reference' | 'account';

/** Identifiers are compared after trimming and Unicode NFC, so that one name typed two ways is one row. */
export function normalizeIdentifier(value: string): string {
  return value.trim().normalize('NFC');
}

/** The partition of an identifier, 0 … 15. FNV-1a: cheap, and even enough over names and numbers. */
export function shardOf(uniqueIdentifier: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < uniqueIdentifier.length; i++) {
    h ^= uniqueIdentifier.charCodeAt(i);
    h = Math.imul(h, 0x01000193);
  }
  // The low bits of FNV repeat those of the last characters; folding mixes the high ones in.
  return ((h ^ (h >>> 16)) >>> 0) % shardCount;
}

/** Hash of the parts as 32 hex digits; parts are length-prefixed so that no two lists collide by joining. */
export function digestOf(...parts: string[]): string {
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''), 'hex').slice(0, 32);
}

/** A UUID (version 8, RFC 9562: of our own making) that follows from the parts alone. */
export function derivedUuid(...parts: string[]): string {
  const hex = digestOf(...parts);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A derived UUID that begins with a time (ISO 8601), so that such ids sort by it. */
export function timedUuid(time: string, ...parts: string[]): string {
  const milliseconds = Date.parse(time).toString(16).padStart(12, '0');
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}${derivedUuid(time, ...parts).slice(13)}`;
}

/** The id of the entity that a row becomes: known before it is created, so a second creation can only meet the first. */
export function entityIdOf(identity: RowIdentity): string {
  return derivedUuid('entity', identity.accountId, identity.referenceId, identity.type, identity.uniqueIdentifier);
}

/** The id of an entity that its account has once, whichever reference and process names it. */
export function accountEntityIdOf(accountId: string, entity: string, uniqueIdentifier: string): string {
  return derivedUuid('account entity', accountId, entity, uniqueIdentifier);
}

/** The id of an entity that a row of one action makes, where what is unique may change and ids can't follow from it. */
export function actionEntityIdOf(
  accountId: string,
  entity: string,
  { actionId, uniqueIdentifier }: { actionId: string; uniqueIdentifier: string },
): string {
  return derivedUuid('action entity', accountId, entity, actionId, uniqueIdentifier);
}
