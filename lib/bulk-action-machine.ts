import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { alarmAboveZero } from './alarm.ts';
import { BulkActionSteps } from './bulk-action-steps.ts';
import type { DataTables } from './data-tables.ts';
import { logRetention } from './log-retention.ts';
import { readDefinition } from './machine-definition.ts';
import { pascalCase } from './pascal-case.ts';
import { stepRetry } from './retry-policies.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';

const definitionFile = new URL('../statemachines/bulk-action.asl.json', import.meta.url);

/** Time after an action's deadline to settle and report ten million rows. Past it the sweep takes over. */
const wayOutSeconds = 3_600;

/**
 * Chunks recounted in one execution before what is pending is settled for good. Step Functions ends an execution at
 * 25,000 history events. A chunk costs 7 of them in each Map: identified (400 chunks of the largest sheet), dispatched,
 * recounted and settled (up to 800 with revived rows) that is 19,600; the looks at the progress until the deadline cost
 * 9 each, one a minute for 6 hours 3,240. With a single chunk, 700 recounts at 29 events are 20,300.
 */
const recountedChunks = 700;

export interface BulkActionMachineProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
  /** Takes the batches. */
  readonly queue: sqs.IQueue;
}

/** Takes one run of an action from its sheet to its report. */
export class BulkActionMachine extends Construct {
  readonly machine: sfn.StateMachine;
  private readonly name: string;

  constructor(scope: Construct, id: string, props: BulkActionMachineProps) {
    super(scope, id);
    const { stage } = props;
    this.name = `rollcall-${stage.name}-bulk-action`;
    const { functions } = new BulkActionSteps(this, 'Steps', props);
    const arns = Object.fromEntries(functions.map((step) => [pascalCase(step.name), step.functionArn]));
    this.machine = new sfn.StateMachine(this, 'Machine', {
      stateMachineName: this.name,
      stateMachineType: sfn.StateMachineType.STANDARD,
      definitionBody: sfn.DefinitionBody.fromString(JSON.stringify(definitionOf(stage, Object.keys(arns)))),
      definitionSubstitutions: arns,
      tracingEnabled: true,
      // Execution data are references and counts, but an error's text may quote a row.
      logs: { destination: this.logGroup(stage), level: sfn.LogLevel.ERROR, includeExecutionData: false },
    });
    // The function's own grant would cover its versions and aliases as well.
    const stepArns = functions.map((step) => step.functionArn);
    iam.Grant.addToPrincipal({
      grantee: this.machine,
      actions: ['lambda:InvokeFunction'],
      resourceArns: stepArns,
    });
    this.explainFindings();
    this.raiseAlarms();
  }

  /** Lets `starter` start the run of an action. */
  allowStart(starter: iam.IGrantable): void {
    this.machine.grantStartExecution(starter);
  }

  /** Lets `reader` see whether a run is still under way. */
  allowLook(reader: iam.IGrantable): void {
    const executions = `execution:${this.name}:*`;
    const { partition, region, account } = Stack.of(this);
    iam.Grant.addToPrincipal({
      grantee: reader,
      actions: ['states:DescribeExecution'],
      resourceArns: [`arn:${partition}:states:${region}:${account}:${executions}`],
    });
    acknowledge(
      reader.grantPrincipal as iam.Role,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:${executions}]`,
      'Executions are named at run time, after actions.',
    );
  }

  private logGroup({ settings }: Stage): logs.LogGroup {
    return new logs.LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${this.name}`,
      retention: logRetention(settings),
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private explainFindings(): void {
    acknowledge(
      this.machine.role as iam.Role,
      'AwsSolutions-IAM5[Resource::*]',
      'Neither the delivery of logs nor X-Ray has resources to name: AWS asks for all of them.',
    );
    acknowledge(
      this.machine,
      'AwsSolutions-SF1',
      'Step Functions itself keeps the full history of each execution for 90 days; logging each of its up to 25,000 events once more would cost more than the work.',
    );
  }

  private raiseAlarms(): void {
    const period = { period: Duration.minutes(5) };
    alarmAboveZero(this, 'RunsFailed', {
      description:
        "A run did not reach its end and its action was given up. The execution's history says which step failed and why.",
      metric: this.machine.metricFailed(period),
      periods: 1,
    });
    alarmAboveZero(this, 'RunsTimedOut', {
      description:
        "A run was still under way long after its action's deadline; the sweep ends the action. The execution's history says where it hung.",
      metric: this.machine.metricTimedOut(period),
      periods: 1,
    });
  }
}

function definitionOf({ settings }: Stage, functions: readonly string[]): Record<string, unknown> {
  const values = {
    TimeoutSeconds: settings.deadlineSeconds + wayOutSeconds,
    ChunkConcurrency: settings.chunkConcurrency,
    RecountedChunks: recountedChunks,
    StepRetry: stepRetry,
  };
  return readDefinition(definitionFile, values, functions);
}
