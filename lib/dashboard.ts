import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { largestOf } from './alarm.ts';
import type { DataTables } from './data-tables.ts';
import { ownMetric, ownSum } from './own-metrics.ts';
import type { Stage } from './stage.ts';
import { functionThrottles, tableThrottles } from './throttles.ts';
import type { Workflow } from './workflow.ts';

export interface DashboardProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  /** The queues that batches wait in, by what the graph calls them. */
  readonly batchQueues: Readonly<Record<string, sqs.IQueue>>;
  readonly deadLetters: sqs.IQueue;
  readonly workflows: Readonly<Record<string, Workflow>>;
  readonly apiFaults: cloudwatch.Metric;
}

const fiveMinutes = Duration.minutes(5);
const half = 12;

/** How a stage is doing, on one page: rows and their answers, batches and how they wait, what goes wrong. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `rollcall-${props.stage.name}`,
      defaultInterval: Duration.hours(12),
    });
    dashboard.addWidgets(rows(props.stage), actions(props.stage));
    dashboard.addWidgets(batches(props.stage), waiting(props));
    dashboard.addWidgets(trouble(props), outcomes(props));
  }
}

function rows(stage: Stage): cloudwatch.IWidget {
  const answers = [
    'Created',
    'Updated',
    'Deleted',
    'Known',
    'Duplicate',
    'Invalid',
    'Failed',
    'Unprocessed',
    'Cancelled',
  ];
  return graph('Rows by answer', {
    left: answers.map((answer) => ownSum(stage, `Rows${answer}`, answer.toLowerCase())),
    stacked: true,
  });
}

function actions(stage: Stage): cloudwatch.IWidget {
  return graph('Actions', {
    left: [ownSum(stage, 'ActionsEnded', 'ended'), ownSum(stage, 'ActionsFailed', 'of these failed')],
  });
}

function batches(stage: Stage): cloudwatch.IWidget {
  return graph('Batches', {
    left: [ownSum(stage, 'BatchRows', 'rows in batches')],
    right: [ownSum(stage, 'BatchRetries', 'deliveries that were not the first')],
  });
}

function waiting({ batchQueues }: DashboardProps): cloudwatch.IWidget {
  const queues = Object.entries(batchQueues);
  return graph('Batches that wait', {
    left: queues.map(([label, queue]) =>
      queue.metricApproximateNumberOfMessagesVisible({ ...largestOf(fiveMinutes), label }),
    ),
    right: queues.map(([label, queue]) =>
      queue.metricApproximateAgeOfOldestMessage({ ...largestOf(fiveMinutes), label: `${label}: oldest, seconds` }),
    ),
  });
}

function trouble({ stage, tables, deadLetters, apiFaults }: DashboardProps): cloudwatch.IWidget {
  return graph('What should be zero', {
    left: [
      deadLetters.metricNumberOfMessagesReceived({ period: fiveMinutes, label: 'dead letters' }),
      ownMetric(stage, 'ActionsStalled').with({ label: 'stalled actions' }),
      ownMetric(stage, 'ActionsAbandoned').with({ label: 'abandoned actions' }),
      apiFaults.with({ label: 'API answers 5xx' }),
      tableThrottles(tables),
      functionThrottles().with({ label: 'invocations refused by Lambda' }),
    ],
  });
}

function outcomes({ workflows }: DashboardProps): cloudwatch.IWidget {
  return graph('Executions', {
    left: Object.entries(workflows).flatMap(([name, { machine }]) => [
      machine.metricSucceeded({ period: fiveMinutes, label: `${name}: succeeded` }),
      machine.metricFailed({ period: fiveMinutes, label: `${name}: failed` }),
    ]),
  });
}

function graph(title: string, metrics: Omit<cloudwatch.GraphWidgetProps, 'title' | 'width'>): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({ title, width: half, ...metrics });
}
