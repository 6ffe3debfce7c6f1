import type { ControlTable } from './control-table.ts';

/** What an idempotency key stood for. */
export interface IdempotencyRecord {
  /** Digest of the request it came with. */
  readonly digest: string;
  readonly actionId: string;
}

/** Idempotency keys in the control table: PK `IDEMPOTENCY#account#key`; DynamoDB forgets them by `expiresAt`. */
export class IdempotencyStore {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  /** Remembers the record under the key, or answers with the one that is there already. */
  async claim(accountId: string, key: string, record: IdempotencyRecord, days: number): Promise<IdempotencyRecord> {
    const itemKey = { pk: `IDEMPOTENCY#${accountId}#${key}`, sk: 'META' };
    const now = Math.floor(Date.now() / 1000);
    const created = await this.control.create({ ...itemKey, ...record, expiresAt: now + days * 86_400 });
    if (created) return record;
    const found = await this.control.get<IdempotencyRecord & { expiresAt: number }>(itemKey);
    // DynamoDB deletes expired items late: until then they are as good as gone.
    if (found && found.expiresAt > now) return { digest: found.digest, actionId: found.actionId };
    await this.control.put({ ...itemKey, ...record, expiresAt: now + days * 86_400 });
    return record;
  }

  async forget(accountId: string, key: string): Promise<void> {
    await this.control.delete({ pk: `IDEMPOTENCY#${accountId}#${key}`, sk: 'META' });
  }
}
