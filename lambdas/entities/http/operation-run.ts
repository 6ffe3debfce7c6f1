import { digestOf } from '../../model/identity.ts';
import type { RowError } from '../../model/row.ts';
import type { ServiceLookup, ServiceOperation, ServiceRequest } from '../../model/service-configuration.ts';
import { type Answer, isSuccess, judge } from './answer-rules.ts';
import { chunksOf, mapConcurrently } from './concurrently.ts';
import { LookupRun } from './lookup-run.ts';
import { firstText, valueAt } from './paths.ts';
import { Patience } from './patience.ts';
import { recordsOf } from './records.ts';
import { type ItemOutcome, type Pending, type ServiceItem, type Settled, scopeOf } from './service-item.ts';
import type { CallResult, ServiceSession } from './service-session.ts';
import type { Scope } from './template.ts';

/** A row whose thing the service has already, but did not say under which id. */
interface Known {
  readonly row: Pending;
  readonly answer: Answer;
}

/** One operation over all rows of a batch: lookups, then bulk calls, then single ones for what bulk did not settle. */
export class OperationRun {
  readonly #operation: ServiceOperation;
  readonly #common: Scope;
  readonly #session: ServiceSession;

  /** `common`: what placeholders name for all rows. */
  constructor(operation: ServiceOperation, common: Scope, session: ServiceSession) {
    this.#operation = operation;
    this.#common = common;
    this.#session = session;
  }

  /** An outcome for each item, in their order. */
  async run(items: readonly ServiceItem[]): Promise<ItemOutcome[]> {
    const rows = items.map((item, index) => ({ index, item, found: {} }));
    const { settled, open } = await this.#lookUp('before', rows);
    const sent = this.#operation.bulk === undefined ? await this.#singly(open) : await this.#inBulk(open);
    const outcomes: ItemOutcome[] = [];
    for (const { index, outcome } of [...settled, ...sent]) outcomes[index] = outcome;
    return outcomes;
  }

  async #lookUp(when: ServiceLookup['when'], rows: readonly Pending[]) {
    let open: readonly Pending[] = rows;
    const settled: Settled[] = [];
    for (const lookup of this.#operation.lookups.filter((one) => one.when === when)) {
      const run = new LookupRun(lookup, this.#common, this.#session, this.#operation.rules.transientStatuses);
      const findings = await run.find(open);
      const concluded = open.map((row, i) => run.conclude(row, findings[i] ?? { kind: 'missing' }, this.#adopted));
      settled.push(...concluded.filter(isSettled));
      open = concluded.filter(isOpen);
    }
    return { settled, open };
  }

  async #inBulk(rows: readonly Pending[]): Promise<Settled[]> {
    const chunks = chunksOf(rows, this.#operation.bulk?.rows ?? 1);
    return (await mapConcurrently(chunks, this.#width, (chunk) => this.#chunk(chunk))).flat();
  }

  /** Only what the service says about single rows settles them; what it says about all of them at once does not. */
  async #chunk(rows: readonly Pending[]): Promise<Settled[]> {
    const result = await this.#callBulk(rows);
    if (result.kind === 'busy' || result.kind === 'unreached') return rows.map((row) => settle(row, failed(result)));
    if (result.kind === 'impossible' || !isSuccess(result.answer.status)) return this.#afterRefusal(rows, result);
    return this.#readRecords(rows, result.answer);
  }

  /**
   * A refused bulk call may be one row's fault, and so may an internal error; other transient answers speak of the
   * service as a whole.
   */
  async #afterRefusal(rows: readonly Pending[], result: CallResult): Promise<Settled[]> {
    if (result.kind === 'answer' && result.answer.status !== 500) {
      const outcome = this.#conclude(result.answer, result.answer.body, result.retryAfterSeconds);
      if (typeof outcome === 'object' && outcome.kind === 'transient') return rows.map((row) => settle(row, outcome));
    }
    return this.#singly(rows);
  }

  async #readRecords(rows: readonly Pending[], answer: Answer): Promise<Settled[]> {
    const records = this.#recordsOf(rows, answer);
    const read = rows.map((row, i) => ({ row, record: records[i], conclusion: this.#concludeRecord(records[i]) }));
    const known = read.filter(({ conclusion }) => conclusion === 'known');
    const unclear = read.filter(({ conclusion }) => conclusion === 'unclear').map(({ row }) => row);
    const settled = read.flatMap(({ row, conclusion }) =>
      typeof conclusion === 'object' ? [settle(row, conclusion)] : [],
    );
    const adopted = await this.#adopt(known.map(({ row, record }) => ({ row, answer: record ?? answer })));
    return [...settled, ...adopted, ...(await this.#again(unclear))];
  }

  #recordsOf(rows: readonly Pending[], answer: Answer): (Answer | undefined)[] {
    const scopes = rows.map((row) => ({ ...this.#common, ...scopeOf(row) }));
    return recordsOf(answer, this.#operation.bulk?.results ?? {}, scopes);
  }

  /** Rows that a bulk answer did not mention: they may have been done, so lookups come first again. */
  async #again(rows: readonly Pending[]): Promise<Settled[]> {
    const { settled, open } = await this.#lookUp('before', rows);
    return [...settled, ...(await this.#singly(open))];
  }

  async #singly(rows: readonly Pending[]): Promise<Settled[]> {
    const patience = new Patience();
    return mapConcurrently(rows, this.#width, async (row) => {
      const settled = patience.end === undefined ? await this.#one(row) : settle(row, patience.end);
      patience.note(settled.outcome);
      return settled;
    });
  }

  async #one(row: Pending): Promise<Settled> {
    const result = await this.#callSingle(row);
    if (result.kind !== 'answer') return settle(row, failed(result));
    const { answer, retryAfterSeconds } = result;
    const conclusion = this.#concludeSingle(row, answer, retryAfterSeconds);
    if (conclusion === 'known') return (await this.#adopt([{ row, answer }]))[0] ?? settle(row, this.#unread(answer));
    return settle(row, conclusion === 'unclear' ? this.#unread(answer) : conclusion);
  }

  #concludeSingle(row: Pending, answer: Answer, retryAfterSeconds: number | undefined): Conclusion {
    const { single, bulk } = this.#operation;
    if (single === undefined && bulk !== undefined && isSuccess(answer.status)) {
      return this.#concludeRecord(this.#recordsOf([row], answer)[0]);
    }
    const record = single?.resultPath === undefined ? answer.body : valueAt(answer.body, single.resultPath);
    return this.#conclude(answer, record, retryAfterSeconds);
  }

  #concludeRecord(record: Answer | undefined): Conclusion {
    return record === undefined ? 'unclear' : this.#conclude(record, record.body);
  }

  /** What an answer means for its row; `record` is the part of it that describes the row's thing. */
  #conclude(answer: Answer, record: unknown, retryAfterSeconds?: number): Conclusion {
    const id = firstText(record, this.#operation.idPaths ?? []) ?? null;
    switch (judge(answer, this.#operation.rules)) {
      case 'done':
        return id === null && this.#operation.idPaths !== undefined ? 'unclear' : { kind: 'done', id };
      case 'exists':
        return id === null ? 'known' : { kind: 'done', id };
      case 'absent':
        return { kind: 'done', id: null };
      case 'notYet':
        return { kind: 'not_yet', error: this.#errorOf('service_not_yet', answer) };
      case 'refused':
        return { kind: 'refused', error: this.#errorOf('service_refused', answer) };
      case 'transient':
        return transient(this.#errorOf('service_unavailable', answer), retryAfterSeconds);
    }
  }

  /** Finds the ids of things that the service has already. */
  async #adopt(known: readonly Known[]): Promise<Settled[]> {
    const { settled, open } = await this.#lookUp(
      'exists',
      known.map(({ row }) => row),
    );
    const answers = new Map(known.map(({ row, answer }) => [row.index, answer]));
    return [...settled, ...open.map((row) => settle(row, this.#adoptUnseen(answers.get(row.index))))];
  }

  /** A service that keeps our ids has the thing under the one that we gave it. */
  #adoptUnseen(answer: Answer = { status: 409, body: undefined }): ItemOutcome {
    if (this.#session.configuration.keepsEntityId) return { kind: 'done', id: null };
    return { kind: 'refused', error: this.#errorOf('service_conflict', answer) };
  }

  readonly #adopted = (record: unknown): ItemOutcome => ({
    kind: 'done',
    id: firstText(record, this.#operation.idPaths ?? []) ?? null,
  });

  #callBulk(rows: readonly Pending[]): Promise<CallResult> {
    const keys = rows.map(({ item }) => item.idempotencyKey);
    const [only] = keys;
    const key = keys.length === 1 && only !== undefined ? only : digestOf(...keys);
    return this.#call(this.#operation.bulk?.request, this.#common, rows, key);
  }

  #callSingle(row: Pending): Promise<CallResult> {
    const { single } = this.#operation;
    if (single === undefined) return this.#callBulk([row]);
    return this.#call(single.request, { ...this.#common, ...scopeOf(row) }, [row], row.item.idempotencyKey);
  }

  #call(request: ServiceRequest | undefined, scope: Scope, rows: readonly Pending[], key: string): Promise<CallResult> {
    if (request === undefined) throw new TypeError('an operation has a single or a bulk request');
    const { idempotencyHeader: header } = this.#operation;
    const call = { request, values: { scope, rows: rows.map(scopeOf) } };
    return this.#session.call(header === undefined ? call : { ...call, idempotency: { header, key } });
  }

  #unread(answer: Answer): ItemOutcome {
    const what = `answered ${answer.status} without the id that was expected in it`;
    return transient(this.#session.error('service_unreadable_answer', what));
  }

  #errorOf(code: string, answer: Answer): RowError {
    return this.#session.errorOf(code, answer, this.#operation.messagePaths);
  }

  get #width(): number {
    return this.#session.configuration.limits.concurrency;
  }
}

/** The row's outcome, or `known`: the service has it under an id to be found; `unclear`: it did not say. */
type Conclusion = ItemOutcome | 'known' | 'unclear';

function settle({ index }: Pending, outcome: ItemOutcome): Settled {
  return { index, outcome };
}

function isSettled(row: Settled | Pending): row is Settled {
  return 'outcome' in row;
}

function isOpen(row: Settled | Pending): row is Pending {
  return !isSettled(row);
}

function transient(error: RowError, retryAfterSeconds?: number): ItemOutcome {
  return retryAfterSeconds === undefined
    ? { kind: 'transient', error }
    : { kind: 'transient', error, retryAfterSeconds };
}

function failed(result: Exclude<CallResult, { kind: 'answer' }>): ItemOutcome {
  if (result.kind === 'impossible') return { kind: 'refused', error: result.error };
  return transient(result.error, result.kind === 'busy' ? result.retryAfterSeconds : undefined);
}
