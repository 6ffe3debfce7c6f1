import type { Role } from '../model/account.ts';
import type { ControlTable } from './control-table.ts';

/** An API key as it is kept: the secret only as its hash. */
export interface StoredApiKey {
  readonly keyId: string;
  readonly accountId: string;
  readonly role: Role;
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string;
  readonly name: string;
  readonly createdAt: string;
  readonly revokedAt?: string;
}

/** API keys in the control table: PK `KEY#keyId`, SK `META`. */
export class ApiKeyStore {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  find(keyId: string): Promise<StoredApiKey | undefined> {
    return this.control.get<StoredApiKey>({ pk: `KEY#${keyId}`, sk: 'META' });
  }

  /** Stores a key in place of the one that had its id. */
  async replace(key: StoredApiKey): Promise<void> {
    await this.control.put({ pk: `KEY#${key.keyId}`, sk: 'META', ...key });
  }

  /** Stores a key; storing the same one again changes nothing. */
  async save(key: StoredApiKey): Promise<void> {
    await this.control.create({ pk: `KEY#${key.keyId}`, sk: 'META', ...key });
  }
}
