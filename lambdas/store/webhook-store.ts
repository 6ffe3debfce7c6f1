import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { ProblemError } from '../model/problem.ts';
import type { DisabledReason, Webhook } from '../model/webhook.ts';
import { pause } from './concurrently.ts';
import type { ControlTable, ItemKey } from './control-table.ts';

type WebhookId = Pick<Webhook, 'accountId' | 'webhookId'>;

/** What a webhook carries while it does not work. */
const troubles = ['failingSince', 'pausedUntil', 'probedUntil'];

/** Two transactions on one account's count at the same moment cancel each other, and the SDK does not try them again. */
const attempts = 8;
const pauseMs = 50;

/**
 * Webhooks in the control table: PK `WEBHOOKS#account`, SK `WEBHOOK#webhook`; beside them, SK `COUNT`, how many there
 * are. Their secrets are kept as they are, because they have to sign; the table is encrypted at rest.
 */
export class WebhookStore {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  /** Creates a webhook. Throws ProblemError `too_many_webhooks` when the account has `most` already. */
  async create(webhook: Webhook, most: number): Promise<void> {
    const TableName = this.control.name;
    const created = await this.transact([
      { Put: { TableName, Item: { ...webhookKey(webhook), ...webhook } } },
      {
        Update: {
          TableName,
          Key: countKey(webhook),
          UpdateExpression: 'ADD webhooks :one',
          ConditionExpression: 'attribute_not_exists(webhooks) OR webhooks < :most',
          ExpressionAttributeValues: { ':one': 1, ':most': most },
        },
      },
    ]);
    if (created) return;
    const detail = `The account has ${most} webhooks, which is as many as there may be. Delete one that is not needed.`;
    throw new ProblemError('too_many_webhooks', detail, { limitWebhooks: most });
  }

  async find({ accountId, webhookId }: WebhookId): Promise<Webhook | undefined> {
    const item = await this.control.get<Webhook & ItemKey>(webhookKey({ accountId, webhookId }));
    return item && toWebhook(item);
  }

  /** The webhook, or a 404: one of another account is one that does not exist. */
  async get(id: WebhookId): Promise<Webhook> {
    const webhook = await this.find(id);
    if (!webhook) throw new ProblemError('not_found', `There is no webhook ${id.webhookId}.`);
    return webhook;
  }

  /** The account's webhooks, the oldest first. */
  async list(accountId: string): Promise<Webhook[]> {
    const webhooks: Webhook[] = [];
    for await (const items of this.control.list<Webhook & ItemKey>(partition(accountId), 'WEBHOOK#')) {
      webhooks.push(...items.map(toWebhook));
    }
    return webhooks.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  /** Deletes a webhook; false when it is gone already. What was still to be delivered is dropped. */
  delete(webhook: WebhookId): Promise<boolean> {
    const TableName = this.control.name;
    return this.transact([
      { Delete: { TableName, Key: webhookKey(webhook), ConditionExpression: 'attribute_exists(pk)' } },
      {
        Update: {
          TableName,
          Key: countKey(webhook),
          UpdateExpression: 'ADD webhooks :less',
          ExpressionAttributeValues: { ':less': -1 },
        },
      },
    ]);
  }

  /** Nothing is sent to it any more. False when that is so already. */
  disable(webhook: WebhookId, disabledReason: DisabledReason): Promise<boolean> {
    return this.control.change(webhookKey(webhook), {
      set: { status: 'disabled', disabledReason },
      when: { status: 'enabled' },
    });
  }

  /** Things are sent to it again, and what it failed at before is forgotten. */
  async enable(webhook: WebhookId): Promise<void> {
    await this.control.change(webhookKey(webhook), {
      set: { status: 'enabled', failures: 0 },
      remove: ['disabledReason', ...troubles],
      when: { webhookId: webhook.webhookId },
    });
  }

  /** An attempt got through: what failed before is over. */
  async noteSuccess(webhook: Webhook): Promise<void> {
    if (webhook.failures === 0 && webhook.pausedUntil === undefined) return;
    await this.control.change(webhookKey(webhook), {
      set: { failures: 0 },
      remove: troubles,
      when: { webhookId: webhook.webhookId },
    });
  }

  /** An attempt failed. `pausedUntil`: nobody answered, so it is left alone for a while. */
  async noteFailure(webhook: Webhook, at: string, pausedUntil?: string): Promise<void> {
    await this.control.change(webhookKey(webhook), {
      add: { failures: 1 },
      set: { failingSince: webhook.failingSince ?? at, pausedUntil },
      remove: pausedUntil === undefined ? ['pausedUntil', 'probedUntil'] : ['probedUntil'],
      when: { webhookId: webhook.webhookId },
    });
  }

  /** Takes the one attempt that a webhook is given after a pause. False when another one has it. */
  probe(webhook: Webhook, probedUntil: string): Promise<boolean> {
    return this.control.change(webhookKey(webhook), {
      set: { probedUntil },
      when: { webhookId: webhook.webhookId, pausedUntil: webhook.pausedUntil, probedUntil: webhook.probedUntil },
    });
  }

  /** Somebody wants to know now: the pause, if there is one, is over, and the one attempt at a time begins. */
  async endPause(webhook: Webhook): Promise<void> {
    if (webhook.pausedUntil === undefined) return;
    await this.control.change(webhookKey(webhook), {
      set: { pausedUntil: new Date().toISOString() },
      when: { webhookId: webhook.webhookId, pausedUntil: webhook.pausedUntil },
    });
  }

  /** Writes all or nothing; false when a condition does not hold. */
  private async transact(items: NonNullable<TransactWriteCommandInput['TransactItems']>): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.control.client.send(new TransactWriteCommand({ TransactItems: items }));
        return true;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
        if (codes.includes('ConditionalCheckFailed')) return false;
        if (!codes.includes('TransactionConflict') || attempt === attempts) throw error;
        await pause(Math.random() * pauseMs * attempt);
      }
    }
  }
}

function partition(accountId: string): string {
  return `WEBHOOKS#${accountId}`;
}

function webhookKey({ accountId, webhookId }: WebhookId): ItemKey {
  return { pk: partition(accountId), sk: `WEBHOOK#${webhookId}` };
}

function countKey({ accountId }: WebhookId): ItemKey {
  return { pk: partition(accountId), sk: 'COUNT' };
}

function toWebhook({ pk, sk, ...webhook }: Webhook & ItemKey): Webhook {
  return webhook;
}
