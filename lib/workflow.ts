import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { FunctionName } from '../lambdas/model/environments.ts';
import { acknowledge } from './acknowledge.ts';
import { type AlarmProps, alarmAboveZero } from './alarm.ts';
import { logRetention } from './log-retention.ts';
import { readDefinition } from './machine-definition.ts';
import { pascalCase } from './pascal-case.ts';
import { stepRetry } from './retry-policies.ts';
import type { RollcallFunction } from './rollcall-function.ts';
import type { Stage } from './stage.ts';

export interface WorkflowProps {
  readonly stage: Stage;
  /** Also the name of its file under `statemachines/`. */
  readonly name: string;
  /** Makes the functions behind its states. */
  readonly steps: (own: Construct) => readonly RollcallFunction<FunctionName>[];
  /** What its placeholders stand for. */
  readonly values: Readonly<Record<string, unknown>>;
  /** ARNs, besides the functions', that only CloudFormation knows. */
  readonly arns?: Readonly<Record<string, string>>;
  /** What a failed execution, and one that took too long, means to whoever gets the alarm. */
  readonly alarms: { readonly failed: AlarmText; readonly timedOut: AlarmText };
}

type AlarmText = Pick<AlarmProps, 'description' | 'runbook'>;

/** A state machine whose steps are functions: its definition, its log, its alarms, and who may start it or look. */
export class Workflow extends Construct {
  readonly machine: sfn.StateMachine;
  private readonly fullName: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const { stage, name } = props;
    const functions = props.steps(this);
    this.fullName = workflowName(stage, name);
    const arns = {
      ...props.arns,
      ...Object.fromEntries(functions.map((step) => [pascalCase(step.name), step.functionArn])),
    };
    const file = new URL(`../statemachines/${name}.asl.json`, import.meta.url);
    const definition = readDefinition(file, { ...props.values, StepRetry: stepRetry }, Object.keys(arns));
    this.machine = new sfn.StateMachine(this, 'Machine', {
      stateMachineName: this.fullName,
      stateMachineType: sfn.StateMachineType.STANDARD,
      definitionBody: sfn.DefinitionBody.fromString(JSON.stringify(definition)),
      definitionSubstitutions: arns,
      tracingEnabled: true,
      // Execution data are references and counts, but an error's text may quote a row.
      logs: { destination: this.logGroup(stage), level: sfn.LogLevel.ERROR, includeExecutionData: false },
    });
    // The function's own grant would cover its versions and aliases as well.
    iam.Grant.addToPrincipal({
      grantee: this.machine,
      actions: ['lambda:InvokeFunction'],
      resourceArns: functions.map((step) => step.functionArn),
    });
    this.explainFindings();
    this.raiseAlarms(props.alarms);
  }

  /** Lets `starter` start an execution. */
  allowStart(starter: iam.IGrantable): void {
    this.machine.grantStartExecution(starter);
  }

  /** Lets `reader` see whether an execution is still under way. */
  allowLook(reader: iam.IGrantable): void {
    allowExecutions(this, reader, this.fullName, ['states:DescribeExecution']);
  }

  /** Lets `stopper` stop executions. */
  allowStop(stopper: iam.IGrantable): void {
    allowExecutions(this, stopper, this.fullName, ['states:StopExecution']);
  }

  private logGroup({ settings }: Stage): logs.LogGroup {
    return new logs.LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${this.fullName}`,
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

  private raiseAlarms({ failed, timedOut }: WorkflowProps['alarms']): void {
    const period = { period: Duration.minutes(5) };
    alarmAboveZero(this, 'RunsFailed', { ...failed, metric: this.machine.metricFailed(period), periods: 1 });
    alarmAboveZero(this, 'RunsTimedOut', { ...timedOut, metric: this.machine.metricTimedOut(period), periods: 1 });
  }
}

/** The state machine's name in AWS. */
export function workflowName({ name: stageName }: Stage, name: string): string {
  return `rollcall-${stageName}-${name}`;
}

/** The ARN of a state machine by its name, for functions that are steps of it and so come before it. */
export function workflowArn(scope: Construct, fullName: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:states:${region}:${account}:stateMachine:${fullName}`;
}

/** Lets `grantee` do something with the executions of a state machine. */
export function allowExecutions(scope: Construct, grantee: iam.IGrantable, fullName: string, actions: string[]): void {
  const executions = `execution:${fullName}:*`;
  const { partition, region, account } = Stack.of(scope);
  iam.Grant.addToPrincipal({
    grantee,
    actions,
    resourceArns: [`arn:${partition}:states:${region}:${account}:${executions}`],
  });
  acknowledge(
    grantee.grantPrincipal as iam.Role,
    `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:${executions}]`,
    'Executions are named at run time.',
  );
}
