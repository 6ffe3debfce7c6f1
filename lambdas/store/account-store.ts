import type { AccountLimits } from '../model/quota.ts';
import type { ControlTable, ItemKey, Page } from './control-table.ts';

/** An account as it is kept. Limits that it has not of its own are the stage's. */
export interface StoredAccount {
  readonly accountId: string;
  readonly name: string;
  readonly limits: Partial<AccountLimits>;
  readonly createdAt: string;
}

const partition = 'ACCOUNTS';

/** Accounts in the control table: PK `ACCOUNT#account`, SK `META`. */
export class AccountStore {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  async find(accountId: string): Promise<StoredAccount | undefined> {
    const item = await this.control.get<StoredAccount & ItemKey>(accountKey(accountId));
    return item && toAccount(item);
  }

  /** Creates an account; false when there is one of its id. */
  create(account: StoredAccount): Promise<boolean> {
    const { accountId } = account;
    return this.control.create({ ...accountKey(accountId), ...account, gsi1pk: partition, gsi1sk: accountId });
  }

  /** Gives the account a name and limits in place of those it had; false when there is no such account. */
  replace({ accountId, name, limits }: Omit<StoredAccount, 'createdAt'>): Promise<boolean> {
    return this.control.change(accountKey(accountId), { set: { name, limits }, when: { accountId } });
  }

  /** All accounts, by id. */
  async list(limit: number, cursor: string | undefined): Promise<Page<StoredAccount>> {
    const query = {
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :pk',
      ExpressionAttributeValues: { ':pk': partition },
    };
    const page = await this.control.page<StoredAccount & ItemKey>(query, limit, cursor, ['gsi1pk', partition]);
    return { ...page, items: page.items.map(toAccount) };
  }
}

function accountKey(accountId: string): ItemKey {
  return { pk: `ACCOUNT#${accountId}`, sk: 'META' };
}

function toAccount({ accountId, name, limits, createdAt }: StoredAccount): StoredAccount {
  return { accountId, name, limits, createdAt };
}
