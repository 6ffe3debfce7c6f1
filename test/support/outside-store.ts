import { randomUUID } from 'node:crypto';
import type { ReceivedRequest, ServiceAnswer } from './outside-service.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever a client sent.
type Data = any;

/** One entity or mapping that the service created. */
export interface StoredRecord {
  readonly id: string;
  readonly externalId: string;
  readonly data: Data;
}

export interface OutsideStoreOptions {
  /**
   * What a second creation of one externalId does. `replay`: answers with the first's record; `conflict`: 409 with
   * its id; `conflict_without_id`: 409 without; `duplicate`: creates another.
   */
  readonly repeated?: 'replay' | 'conflict' | 'conflict_without_id' | 'duplicate';
  /** The reason why a record is refused, if it is. */
  readonly refuse?: (record: Data) => string | undefined;
  /** Whether one refused record refuses its whole bulk call. */
  readonly bulkRefusal?: 'one' | 'all';
  /** What a bulk answer leaves out, although it was created. */
  readonly omit?: (record: StoredRecord) => boolean;
}

/** The collections of a REST service in memory, each with `POST`, `GET ?externalId`, `PUT`, `DELETE` and bulk forms. */
export class OutsideStore {
  readonly records = new Map<string, StoredRecord>();
  readonly #options: OutsideStoreOptions;

  constructor(options: OutsideStoreOptions = {}) {
    this.#options = options;
  }

  /** How many records share their externalId with an earlier one. */
  get doubles(): number {
    const all = [...this.records.values()];
    return all.length - new Set(all.map((record) => record.externalId)).size;
  }

  readonly handle = (request: ReceivedRequest): ServiceAnswer => {
    const [, , tail] = request.path.split('/');
    if (tail === 'bulk') return this.#createBulk(request.body.items);
    if (tail === 'bulk-delete') return this.#deleteBulk(request.body.ids);
    if (request.method === 'GET') return this.#find(request.query.get('externalId'));
    if (request.method === 'PUT') return this.#put(tail ?? '', request.body);
    if (request.method === 'DELETE') return { status: this.records.delete(decodeURIComponent(tail ?? '')) ? 204 : 404 };
    return this.#create(request.body);
  };

  #create(data: Data): ServiceAnswer {
    const reason = this.#options.refuse?.(data);
    if (reason !== undefined) return { status: 422, body: { message: reason } };
    const known = [...this.records.values()].find((record) => record.externalId === data.externalId);
    if (known !== undefined && this.#options.repeated !== 'duplicate') return this.#again(known);
    const record = { id: `svc-${randomUUID()}`, externalId: data.externalId, data };
    this.records.set(record.id, record);
    return { status: 201, body: { id: record.id, externalId: record.externalId } };
  }

  #again({ id, externalId }: StoredRecord): ServiceAnswer {
    switch (this.#options.repeated) {
      case 'conflict':
        return { status: 409, body: { id, externalId, message: 'there already' } };
      case 'conflict_without_id':
        return { status: 409, body: { externalId, message: 'there already' } };
      default:
        return { status: 200, body: { id, externalId } };
    }
  }

  #createBulk(items: readonly Data[]): ServiceAnswer {
    const refused = items.map((item) => this.#options.refuse?.(item)).find(Boolean);
    if (refused !== undefined && this.#options.bulkRefusal === 'all')
      return { status: 400, body: { message: refused } };
    const results = items.map((item) => {
      const { status, body } = this.#create(item);
      return { externalId: item.externalId, status, ...(body as Data) };
    });
    const told = results.filter(({ id }) => {
      const record = this.records.get(id);
      return record === undefined || !this.#options.omit?.(record);
    });
    return { status: 200, body: { results: told } };
  }

  #deleteBulk(ids: readonly string[]): ServiceAnswer {
    const results = ids.map((id) => ({ id, status: this.records.delete(id) ? 204 : 404 }));
    return { status: 200, body: { results } };
  }

  #find(externalId: string | null): ServiceAnswer {
    const items = [...this.records.values()].filter((record) => record.externalId === externalId);
    return { status: 200, body: { items: items.map(({ id }) => ({ id, externalId })) } };
  }

  #put(id: string, data: Data): ServiceAnswer {
    this.records.set(id, { id, externalId: data.externalId, data });
    return { status: 200, body: { id } };
  }
}
