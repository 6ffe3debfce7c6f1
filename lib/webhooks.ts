import { Duration } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { batchQueue } from './batch-queue.ts';
import type { DataTables } from './data-tables.ts';
import type { EndEvents } from './end-events.ts';
import { functionSizes } from './function-sizes.ts';
import { lastResort } from './last-resort.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { Stage } from './stage.ts';
import { toldByEvents } from './told-by-events.ts';

export interface WebhooksProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly endEvents: EndEvents;
}

/** A delivery is received once an attempt, and once each time its webhook turns out to be paused; more is a defect. */
const mostReceives = 100;
/** Deliveries that one invocation attempts side by side. */
const deliveriesPerInvocation = 10;

/** The end of an action becomes a delivery for each webhook that wants to hear of it, and deliveries are attempted. */
export class Webhooks extends Construct {
  /** What a function that sends deliveries has to know. */
  readonly environment: { readonly CONTROL_TABLE: string; readonly DELIVERY_QUEUE_URL: string };
  private readonly queue: sqs.Queue;

  constructor(scope: Construct, id: string, props: WebhooksProps) {
    super(scope, id);
    const { stage, tables } = props;
    const deadLetters = this.deadLetters(
      'DeadLetters',
      'the deliveries',
      'deliver-webhook fails on a delivery itself, again and again: its webhook is not even asked.',
    );
    this.queue = batchQueue(this, 'Deliveries', functionSizes(stage.settings)['deliver-webhook'].timeout, {
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: mostReceives },
    });
    this.environment = { CONTROL_TABLE: tables.control.tableName, DELIVERY_QUEUE_URL: this.queue.queueUrl };
    this.queueDeliveries(props);
    this.deliver(props);
  }

  /** Lets a function send deliveries. */
  allowSend(sender: iam.IGrantable): void {
    this.queue.grant(sender, 'sqs:SendMessage');
  }

  private queueDeliveries({ stage, tables, endEvents }: WebhooksProps): void {
    const queueDeliveries = new RollcallFunction(this, {
      stage,
      name: 'queue-deliveries',
      environment: { ...this.environment, DELIVERY_LOG_DAYS: String(stage.settings.deliveryLogDays) },
    });
    tables.control.allow(queueDeliveries, 'get', 'query', 'put', 'update');
    this.allowSend(queueDeliveries);
    const undelivered = this.deadLetters(
      'UndeliveredEvents',
      'the rule and of queue-deliveries',
      'An action ended and queue-deliveries could not be told, or failed on it: its webhooks do not hear of it.',
    );
    toldByEvents(this, 'ActionEnded', {
      description: 'An action has ended, and webhooks may want to hear of it.',
      eventPattern: endEvents.pattern,
      told: queueDeliveries,
      lastResort: undelivered,
    });
  }

  private deliver({ stage, tables }: WebhooksProps): void {
    const { settings } = stage;
    const deliverWebhook = new RollcallFunction(this, {
      stage,
      name: 'deliver-webhook',
      environment: {
        ...this.environment,
        ALLOW_INSECURE_WEBHOOKS: String(settings.allowInsecureWebhooks),
        WEBHOOK_TIMEOUT_SECONDS: String(settings.webhookTimeoutSeconds),
        WEBHOOK_ATTEMPTS: String(settings.webhookAttempts),
        WEBHOOK_FIRST_RETRY_SECONDS: String(settings.webhookFirstRetrySeconds),
        WEBHOOK_LONGEST_RETRY_SECONDS: String(settings.webhookLongestRetrySeconds),
        WEBHOOK_FAILING_SECONDS: String(settings.webhookFailingSeconds),
      },
    });
    tables.control.allow(deliverWebhook, 'get', 'update');
    deliverWebhook.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: deliveriesPerInvocation,
        maxConcurrency: settings.webhookConcurrency,
        reportBatchItemFailures: true,
      }),
    );
  }

  /** Takes what could not be done for good, and rings. */
  private deadLetters(id: string, of: string, description: string): sqs.Queue {
    return lastResort(this, id, { of, alarm: { id: `${id}Visible`, description, runbook: 'webhooks-not-delivered' } });
  }
}
