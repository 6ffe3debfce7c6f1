import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** An API key as a caller sends it: `rk_<keyId>_<secret>`. The key id finds it, the secret proves it. */
export interface ApiKey {
  readonly keyId: string;
  readonly secret: string;
}

/** The key id of the first administrator, whose secret is made at deploy. */
export const adminKeyId = 'admin';
/** The account of the first administrator. */
export const adminAccountId = 'default';

/** 192 bits: nobody guesses them, so a plain hash is enough to keep them. */
const secretBytes = 24;
const named = /^rk_(?<keyId>[A-Za-z0-9]{1,32})_(?<secret>[A-Za-z0-9-]{16,128})$/;
/** Secrets Manager makes up a secret but puts no name before it, so a bare secret is the first administrator's. */
const bare = /^[A-Za-z0-9]{32,128}$/;

/** A new key with a random secret. */
export function newApiKey(keyId: string): ApiKey {
  return { keyId, secret: randomBytes(secretBytes).toString('hex') };
}

/** The key as its caller keeps it. */
export function formatApiKey({ keyId, secret }: ApiKey): string {
  return keyPrefix(keyId) + secret;
}

/** What a key begins with, by which people tell keys apart. */
export function keyPrefix(keyId: string): string {
  return `rk_${keyId}_`;
}

/** The parts of what a caller sent, or undefined when it can't be a key. */
export function parseApiKey(text: string): ApiKey | undefined {
  if (bare.test(text)) return { keyId: adminKeyId, secret: text };
  const { keyId, secret } = named.exec(text)?.groups ?? {};
  return keyId !== undefined && secret !== undefined ? { keyId, secret } : undefined;
}

/** What is kept of a secret: its SHA-256, hex. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Whether the secret is the one that was hashed. Takes the same time however much of it is right. */
export function secretMatches(secret: string, secretHash: string): boolean {
  const [given, kept] = [Buffer.from(hashSecret(secret), 'hex'), Buffer.from(secretHash, 'hex')];
  return given.length === kept.length && timingSafeEqual(given, kept);
}
