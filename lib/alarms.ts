import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '../lambdas/model/environments.ts';
import { alarmAbove, alarmAboveZero, largestOf } from './alarm.ts';
import type { DataTables } from './data-tables.ts';
import { ownMetric } from './own-metrics.ts';
import { pascalCase } from './pascal-case.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { Stage } from './stage.ts';
import { functionThrottles, tableThrottles } from './throttles.ts';

export interface AlarmsProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  /** The queues that batches wait in, by what the alarm is called. */
  readonly batchQueues: Readonly<Record<string, sqs.IQueue>>;
  readonly deadLetters: sqs.IQueue;
  /** Answers of the HTTP API that were its own fault. */
  readonly apiFaults: cloudwatch.Metric;
}

const fiveMinutes = { period: Duration.minutes(5) };

/** Their own constructs say more precisely what it means when these fail. */
const explainedElsewhere: readonly FunctionName[] = ['process-batch', 'process-outside-batch', 'sweep-actions'];

/**
 * The alarms that belong to no part alone, and the topic that all alarms of the stack ring at. To be made last: it finds
 * the functions and alarms that there are by then.
 */
export class Alarms extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.watchBatches(props);
    this.watchActions(props.stage);
    this.watchFunctions();
    this.watchTables(props.tables);
    alarmAboveZero(this, 'ApiFaults', {
      description: 'The HTTP API answers 5xx: a function behind it failed, timed out or was throttled.',
      runbook: 'api-faults',
      metric: props.apiFaults,
      periods: 2,
    });
    this.topic = this.makeTopic(props.stage);
    this.ringAll();
  }

  private watchBatches({ stage, batchQueues, deadLetters }: AlarmsProps): void {
    for (const [name, queue] of Object.entries(batchQueues)) {
      alarmAbove(this, `${pascalCase(name)}Wait`, {
        description: `The oldest batch in the queue has waited longer than an action may stand still (${stage.settings.stallSeconds} s).`,
        runbook: 'batches-wait',
        metric: queue.metricApproximateAgeOfOldestMessage(largestOf(fiveMinutes.period)),
        threshold: stage.settings.stallSeconds,
        periods: 1,
      });
    }
    alarmAboveZero(this, 'DeadLetters', {
      description: 'Batches failed in every delivery. Their rows have answered as failed, with that reason.',
      runbook: 'dead-letters',
      // Sent messages would not do: SQS does not count those that it moves itself.
      metric: deadLetters.metricNumberOfMessagesReceived(fiveMinutes),
      periods: 1,
    });
  }

  private watchActions(stage: Stage): void {
    alarmAboveZero(this, 'ActionsStalled', {
      description: 'Actions made no progress for as long as they may; their open rows were settled as unprocessed.',
      runbook: 'actions-stall',
      metric: ownMetric(stage, 'ActionsStalled'),
      periods: 1,
    });
    alarmAboveZero(this, 'QuotaWaits', {
      description: "Actions have waited for room in their account's quota of records for an hour without a break.",
      runbook: 'quota-waits',
      metric: ownMetric(stage, 'QuotaWaits'),
      periods: 12,
    });
    alarmAboveZero(this, 'ActionsAbandoned', {
      description: 'Actions were ended as failed without a report, because even their way out failed.',
      runbook: 'actions-abandoned',
      metric: ownMetric(stage, 'ActionsAbandoned'),
      periods: 1,
    });
  }

  private watchFunctions(): void {
    const functions = Stack.of(this)
      .node.findAll()
      .filter((found) => found instanceof RollcallFunction)
      .filter(({ name }) => !explainedElsewhere.includes(name));
    for (const watched of functions) {
      alarmAboveZero(this, `${watched.node.id}Errors`, {
        description: `The function ${watched.name} fails again and again. Its log says why.`,
        runbook: 'functions-fail',
        metric: watched.metricErrors(fiveMinutes),
        periods: 3,
      });
    }
    alarmAboveZero(this, 'FunctionsThrottled', {
      description: "Lambda refuses invocations: the AWS account's functions in this region run as often as they may.",
      runbook: 'functions-throttled',
      metric: functionThrottles(),
      periods: 2,
    });
  }

  private watchTables(tables: DataTables): void {
    alarmAboveZero(this, 'TablesThrottled', {
      description: 'DynamoDB refuses reads or writes of a table for a quarter of an hour by now.',
      runbook: 'tables-throttled',
      metric: tableThrottles(tables),
      periods: 3,
    });
  }

  /**
   * An encrypted topic of alarms needs a key of its own: the one that AWS keeps for SNS cannot be opened to CloudWatch.
   * https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
   */
  private makeTopic({ settings }: Stage): sns.Topic {
    const cloudWatch = new iam.ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    const masterKey = new kms.Key(this, 'Key', {
      description: 'Alarms of Rollcall on their way to whoever is on call.',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    masterKey.grantEncryptDecrypt(cloudWatch);
    const topic = new sns.Topic(this, 'Topic', { displayName: 'Rollcall alarms', masterKey, enforceSSL: true });
    topic.grantPublish(cloudWatch);
    if (settings.alarmEmail !== undefined) {
      topic.addSubscription(new subscriptions.EmailSubscription(settings.alarmEmail));
    }
    return topic;
  }

  private ringAll(): void {
    const action = new actions.SnsAction(this.topic);
    for (const alarm of Stack.of(this).node.findAll()) {
      if (!(alarm instanceof cloudwatch.Alarm)) continue;
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }
}
