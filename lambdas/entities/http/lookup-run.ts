import type { RowError } from '../../model/row.ts';
import type { ServiceLookup } from '../../model/service-configuration.ts';
import { type Answer, isSuccess } from './answer-rules.ts';
import { chunksOf, mapConcurrently } from './concurrently.ts';
import { keyOf, recordsOf } from './records.ts';
import { type ItemOutcome, type Pending, type Settled, scopeOf } from './service-item.ts';
import type { ServiceSession } from './service-session.ts';
import type { Scope } from './template.ts';

/** What a lookup found for a row: its record, nothing, or no answer. */
type Finding =
  | { readonly kind: 'found'; readonly record: unknown }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly outcome: ItemOutcome };

const missing: Finding = { kind: 'missing' };

/** Asks a service about rows before they are sent, or when it says that it knows them. */
export class LookupRun {
  readonly #lookup: ServiceLookup;
  readonly #common: Scope;
  readonly #session: ServiceSession;
  readonly #transientStatuses: readonly number[];

  constructor(lookup: ServiceLookup, common: Scope, session: ServiceSession, transientStatuses: readonly number[]) {
    this.#lookup = lookup;
    this.#common = common;
    this.#session = session;
    this.#transientStatuses = transientStatuses;
  }

  /** One finding for each row, in their order; rows with the same question are asked about once. */
  async find(pending: readonly Pending[]): Promise<Finding[]> {
    const questions = new Map<string, Pending>();
    const keys = pending.map((row) => {
      const key = this.#keyOf(row);
      if (!questions.has(key)) questions.set(key, row);
      return key;
    });
    const asked = chunksOf([...questions], this.#lookup.rows);
    const answered = await mapConcurrently(asked, this.#width, (chunk) => this.#ask(chunk.map(([, row]) => row)));
    const findings = new Map([...questions.keys()].map((key, i) => [key, answered.flat()[i] ?? missing]));
    return keys.map((key) => findings.get(key) ?? missing);
  }

  /** What the finding means for the row: the end of its way, or the row with what was found. */
  conclude(row: Pending, finding: Finding, adopt: (record: unknown) => ItemOutcome): Settled | Pending {
    const { index } = row;
    if (finding.kind === 'failed') return { index, outcome: finding.outcome };
    if (finding.kind === 'missing') return this.#concludeMissing(row);
    if (this.#lookup.found === 'adopt') return { index, outcome: adopt(finding.record) };
    return { ...row, found: { ...row.found, [this.#lookup.name]: finding.record } };
  }

  #concludeMissing(row: Pending): Settled | Pending {
    const { index } = row;
    const error = this.#session.error('service_missing', `has no ${this.#lookup.name} for this row`);
    switch (this.#lookup.missing) {
      case 'continue':
        return row;
      case 'done':
        return { index, outcome: { kind: 'done', id: null } };
      case 'not_yet':
        return { index, outcome: { kind: 'not_yet', error } };
      case 'refused':
        return { index, outcome: { kind: 'refused', error } };
    }
  }

  get #width(): number {
    return this.#session.configuration.limits.concurrency;
  }

  /** A row that lacks what it would be matched by is a question of its own. */
  #keyOf(row: Pending): string {
    return keyOf({ ...this.#common, ...scopeOf(row) }, this.#lookup.results.match.request) ?? `#${row.index}`;
  }

  async #ask(rows: readonly Pending[]): Promise<Finding[]> {
    const scopes = rows.map(scopeOf);
    const scope = this.#lookup.rows === 1 ? { ...this.#common, ...scopes[0] } : this.#common;
    const result = await this.#session.call({ request: this.#lookup.request, values: { scope, rows: scopes } });
    switch (result.kind) {
      case 'answer':
        return this.#read(result.answer, rows, result.retryAfterSeconds);
      case 'impossible':
        return this.#refused(rows, result.error);
      case 'busy':
        return fail(rows, { kind: 'transient', error: result.error, retryAfterSeconds: result.retryAfterSeconds });
      case 'unreached':
        return fail(rows, { kind: 'transient', error: result.error });
    }
  }

  #read(answer: Answer, rows: readonly Pending[], retryAfterSeconds?: number): Finding[] | Promise<Finding[]> {
    if (isSuccess(answer.status)) {
      const scopes = rows.map((row) => ({ ...this.#common, ...scopeOf(row) }));
      const records = recordsOf(answer, this.#lookup.results, scopes);
      return records.map((record) => (record === undefined ? missing : { kind: 'found', record: record.body }));
    }
    if (answer.status === 404) return rows.map(() => missing);
    const error = this.#session.errorOf('service_lookup', answer, []);
    if (!this.#transientStatuses.includes(answer.status)) return this.#refused(rows, error);
    return fail(rows, { kind: 'transient', error, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
  }

  /** Of several rows one may be the reason: each is asked about alone. */
  async #refused(rows: readonly Pending[], error: RowError): Promise<Finding[]> {
    if (rows.length === 1) return fail(rows, { kind: 'refused', error });
    const findings = await mapConcurrently(rows, this.#width, (row) => this.#ask([row]));
    return findings.flat();
  }
}

function fail(rows: readonly Pending[], outcome: ItemOutcome): Finding[] {
  return rows.map(() => ({ kind: 'failed', outcome }));
}
