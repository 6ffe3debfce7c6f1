import { ProblemError } from '../model/problem.ts';
import type { Delivery, DeliveryAttempt, DeliveryProblem } from '../model/webhook.ts';
import type { ControlTable, ItemKey, Page } from './control-table.ts';

type DeliveryId = Pick<Delivery, 'accountId' | 'webhookId' | 'deliveryId'>;

/** How an attempt ended: it is over, or tried again at `nextAttemptAt`. */
export type AttemptResult =
  | { readonly status: 'delivered' }
  | { readonly status: 'failed'; readonly problem: DeliveryProblem }
  | { readonly status: 'pending'; readonly nextAttemptAt: string };

/** Attempts that the log keeps of one delivery. */
const keptAttempts = 20;

/** The delivery log in the control table: PK `WEBHOOK#account#webhook`, SK `DELIVERY#delivery`, whose ids sort by time. */
export class DeliveryStore {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  /** Creates a delivery that is forgotten after `keptDays`; false when there is one for this event already. */
  create(delivery: Delivery, keptDays: number): Promise<boolean> {
    const expiresAt = Math.floor(Date.now() / 1_000) + keptDays * 86_400;
    return this.control.create({ ...deliveryKey(delivery), ...delivery, expiresAt });
  }

  async find(id: DeliveryId): Promise<Delivery | undefined> {
    const item = await this.control.get<DeliveryItem>(deliveryKey(id));
    return item && toDelivery(item);
  }

  /** The delivery, or a 404. */
  async get(id: DeliveryId): Promise<Delivery> {
    const delivery = await this.find(id);
    if (!delivery) throw new ProblemError('not_found', `There is no delivery ${id.deliveryId}, or not any more.`);
    return delivery;
  }

  /** A webhook's deliveries, newest first. */
  async list(
    webhook: Pick<Delivery, 'accountId' | 'webhookId'>,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<Delivery>> {
    const pk = partition(webhook);
    const page = await this.control.page<DeliveryItem>(
      {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': 'DELIVERY#' },
        ScanIndexForward: false,
      },
      limit,
      cursor,
      ['pk', pk],
    );
    return { ...page, items: page.items.map(toDelivery) };
  }

  /** Takes the next attempt, which is taken for lost after `until`. False when another message has taken it. */
  begin(delivery: Delivery, until: string): Promise<boolean> {
    const { round, tries } = delivery;
    return this.control.change(deliveryKey(delivery), {
      set: { tries: tries + 1, nextAttemptAt: until },
      when: { status: 'pending', round, tries },
    });
  }

  /** Writes down how the attempt that was begun last has ended, if there was one; `delivery` is as it was before. */
  async conclude(delivery: Delivery, result: AttemptResult, attempt?: DeliveryAttempt): Promise<void> {
    const { round, tries } = delivery;
    const attempts = attempt ? [...delivery.attempts, attempt].slice(-keptAttempts) : delivery.attempts;
    const ended = result.status !== 'pending';
    await this.control.change(deliveryKey(delivery), {
      set: { ...result, attempts, ...(ended && { endedAt: new Date().toISOString() }) },
      when: { status: 'pending', round, tries: attempt ? tries + 1 : tries },
    });
  }

  /** Begins another round of attempts, whatever came of the last one. Answers with it, or undefined when another came first. */
  async reopen(delivery: Delivery): Promise<Delivery | undefined> {
    const { endedAt, problem, ...kept } = delivery;
    const next: Delivery = {
      ...kept,
      status: 'pending',
      round: delivery.round + 1,
      tries: 0,
      nextAttemptAt: new Date().toISOString(),
    };
    const { status, round, tries, nextAttemptAt } = next;
    const reopened = await this.control.change(deliveryKey(delivery), {
      set: { status, round, tries, nextAttemptAt },
      remove: ['endedAt', 'problem'],
      when: { round: delivery.round },
    });
    return reopened ? next : undefined;
  }
}

type DeliveryItem = Delivery & ItemKey & { readonly expiresAt: number };

function partition({ accountId, webhookId }: Pick<Delivery, 'accountId' | 'webhookId'>): string {
  return `WEBHOOK#${accountId}#${webhookId}`;
}

function deliveryKey(delivery: DeliveryId): ItemKey {
  return { pk: partition(delivery), sk: `DELIVERY#${delivery.deliveryId}` };
}

function toDelivery({ pk, sk, expiresAt, ...delivery }: DeliveryItem): Delivery {
  return delivery;
}
