import type { Role } from '../model/account.ts';
import type { ControlTable, ItemKey, Page } from './control-table.ts';

/** An API key as it is kept: the secret only as its hash. Times are ISO 8601 UTC. */
export interface StoredApiKey {
  readonly keyId: string;
  readonly accountId: string;
  readonly role: Role;
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string;
  readonly name: string;
  readonly createdAt: string;
  /** When the key ceases to be good; absent for one that stays. `expiresAt` would be taken for the table's own expiry. */
  readonly validUntil?: string;
  /** When it was used last, give or take a minute. */
  readonly lastUsedAt?: string;
  readonly revokedAt?: string;
}

/** API keys in the control table: PK `KEY#keyId`, SK `META`; listed by account through the index of accounts. */
export class ApiKeyStore {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  find(keyId: string): Promise<StoredApiKey | undefined> {
    return this.control.get<StoredApiKey>(itemKey(keyId));
  }

  /** Stores a key in place of the one that had its id. */
  async replace(key: StoredApiKey): Promise<void> {
    await this.control.put(toItem(key));
  }

  /** Stores a key; storing the same one again changes nothing. */
  async save(key: StoredApiKey): Promise<void> {
    await this.control.create(toItem(key));
  }

  /** The account's keys, newest first. */
  list(accountId: string, limit: number, cursor: string | undefined): Promise<Page<StoredApiKey>> {
    const own = partition(accountId);
    const query = {
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :pk',
      ExpressionAttributeValues: { ':pk': own },
      ScanIndexForward: false,
    };
    return this.control.page(query, limit, cursor, ['gsi1pk', own]);
  }

  /** Makes the key useless for good; false when it was revoked before. */
  revoke(keyId: string, revokedAt: string): Promise<boolean> {
    return this.control.change(itemKey(keyId), { set: { revokedAt }, when: { keyId, revokedAt: undefined } });
  }

  /** Notes a use; false when somebody else noted one since `key` was read, which is as good. */
  noteUse({ keyId, lastUsedAt }: StoredApiKey, usedAt: string): Promise<boolean> {
    return this.control.change(itemKey(keyId), { set: { lastUsedAt: usedAt }, when: { keyId, lastUsedAt } });
  }
}

function itemKey(keyId: string): ItemKey {
  return { pk: `KEY#${keyId}`, sk: 'META' };
}

function partition(accountId: string): string {
  return `KEYS#${accountId}`;
}

function toItem(key: StoredApiKey) {
  const { accountId, keyId, createdAt } = key;
  return { ...itemKey(keyId), ...key, gsi1pk: partition(accountId), gsi1sk: `${createdAt}#${keyId}` };
}
