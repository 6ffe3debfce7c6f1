import type { ActionKind } from '../../lambdas/model/action.ts';
import type { RowAnswer } from '../../lambdas/model/row.ts';

/** A record of a contact as it is submitted: an absent field has no key, an empty text is an empty cell. */
export type ContactRecord = Readonly<Partial<Record<Field | 'entityId', string>>>;
type Field = 'email' | 'phone' | 'lastName' | 'city';

/** What an action is to do. */
export interface ContactAction {
  readonly kind: ActionKind;
  readonly clearEmpty: boolean;
  readonly records: readonly ContactRecord[];
}

/** What a row is to answer, and of which contact; a new one has no id before the service gives it one. */
export interface ExpectedRow {
  readonly answer: RowAnswer;
  readonly contact?: Contact;
}

export interface Contact {
  id?: string;
  data: Partial<Record<Field, string>>;
}

const fields = ['email', 'phone', 'lastName', 'city'] as const;
const unique = ['email', 'phone'] as const;

/** What a simple mind expects of an account's contacts: a list, and one row after the other. */
export class ContactModel {
  contacts: Contact[] = [];

  /** What each row is to answer. `apply` makes it so. */
  expect({ kind, clearEmpty, records }: ContactAction): { rows: ExpectedRow[]; apply: () => void } {
    const claimed = new Set<string>();
    const changes: (() => void)[] = [];
    const rows = records.map((record): ExpectedRow => {
      const clears = clearEmpty ? fields.filter((field) => record[field] === '') : [];
      const meant = this.meantBy(record, kind, clears);
      if (meant === 'invalid') return { answer: 'invalid' };
      const claims = [...unique.flatMap((field) => (record[field] ? [`${field} ${record[field]}`] : []))];
      if (meant && kind !== 'insert') claims.push(`contact ${this.contacts.indexOf(meant)}`);
      if (claims.some((claim) => claimed.has(claim))) return { answer: 'duplicate' };
      for (const claim of claims) claimed.add(claim);
      const contact = meant ?? { data: {} };
      if (meant && kind === 'insert') return { answer: 'known', contact };
      changes.push(() => this.change(contact, record, clears, kind));
      const existing = kind === 'delete' ? 'deleted' : 'updated';
      return { answer: meant ? existing : 'created', contact };
    });
    const apply = () => {
      for (const change of changes) change();
    };
    return { rows, apply };
  }

  /** The contact that the record means; undefined when it is a new one. */
  private meantBy(
    { entityId, ...record }: ContactRecord,
    kind: ActionKind,
    clears: readonly Field[],
  ): Contact | undefined | 'invalid' {
    const given = unique.filter((field) => record[field]);
    if (kind === 'insert' && !record.lastName) return 'invalid';
    if (given.length === 0 && !entityId) return 'invalid';
    if (clears.includes('lastName')) return 'invalid';
    if (given.length === 0 && clears.some((field) => field === 'email' || field === 'phone')) return 'invalid';
    const owners = given.map((field) => this.contacts.find(({ data }) => data[field] === record[field]));
    const found = owners.filter((owner) => owner !== undefined);
    if (kind === 'insert') return found[0];
    const named = entityId ? this.contacts.find(({ id }) => id === entityId) : undefined;
    if (entityId && !named) return 'invalid';
    const meant = named ?? found[0];
    if (found.some((owner) => owner !== meant)) return 'invalid';
    if (kind === 'delete' && owners.includes(undefined)) return 'invalid';
    if (kind === 'update' && !meant) return 'invalid';
    if (kind === 'upsert' && !meant && !record.lastName) return 'invalid';
    return meant;
  }

  private change(contact: Contact, record: ContactRecord, clears: readonly Field[], kind: ActionKind): void {
    if (kind === 'delete') this.contacts = this.contacts.filter((other) => other !== contact);
    else {
      if (!this.contacts.includes(contact)) this.contacts.push(contact);
      for (const field of fields) if (record[field]) contact.data[field] = record[field];
      for (const field of clears) delete contact.data[field];
    }
  }
}
