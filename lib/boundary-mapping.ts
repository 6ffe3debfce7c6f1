import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { FunctionName } from '../lambdas/model/environments.ts';
import type { DataTables } from './data-tables.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';
import { allowExecutions, Workflow, workflowArn, workflowName } from './workflow.ts';

const machineName = 'boundary-mapping';

/** Time after the deadline of a run for its last batches and its final check. */
const wayOutSeconds = 1_800;

export interface BoundaryMappingProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
}

/** Maps a reference's entities to their boundaries, and detaches those that are not wanted there any more. */
export class BoundaryMapping extends Workflow {
  private readonly stage: Stage;

  constructor(scope: Construct, id: string, props: BoundaryMappingProps) {
    const { settings } = props.stage;
    super(scope, id, {
      stage: props.stage,
      name: machineName,
      steps: (own) => new BoundaryMappingSteps(own, 'Steps', props).functions,
      values: {
        TimeoutSeconds: settings.deadlineSeconds + wayOutSeconds,
        MappingConcurrency: settings.mappingConcurrency,
      },
      alarms: {
        failed: {
          description:
            "A boundary mapping was stopped by an error; what it left is to be mapped still. The execution's history says which step failed and why.",
          runbook: 'mapping-runs-fail',
        },
        timedOut: {
          description:
            'A boundary mapping was still under way long after its deadline; the next run of the reference takes over what it left.',
          runbook: 'mapping-runs-time-out',
        },
      },
    });
    this.stage = props.stage;
  }

  /** Lets another state machine run this one and wait for its end. */
  allowRun(machine: iam.IGrantable): void {
    this.allowStart(machine);
    allowExecutions(this, machine, workflowName(this.stage, machineName), [
      'states:DescribeExecution',
      'states:StopExecution',
    ]);
    // Step Functions learns of the end by a rule that it manages itself.
    // https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
    const { partition, region, account } = Stack.of(this);
    iam.Grant.addToPrincipal({
      grantee: machine,
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resourceArns: [
        `arn:${partition}:events:${region}:${account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
      ],
    });
  }
}

/** The functions behind the states of `boundary-mapping`, each with what it needs and nothing else. */
class BoundaryMappingSteps extends Construct {
  readonly functions: readonly RollcallFunction<FunctionName>[];
  private readonly props: BoundaryMappingProps;
  private readonly controlTable: { CONTROL_TABLE: string };
  private readonly mappingTable: { MAPPING_TABLE: string };
  private readonly sheetBucket: { SHEET_BUCKET: string };

  constructor(scope: Construct, id: string, props: BoundaryMappingProps) {
    super(scope, id);
    this.props = props;
    this.controlTable = { CONTROL_TABLE: props.tables.control.tableName };
    this.mappingTable = { MAPPING_TABLE: props.tables.mapping.tableName };
    this.sheetBucket = { SHEET_BUCKET: props.sheets.bucketName };
    this.functions = [
      this.claimMapping(),
      this.collectMappings(),
      this.mapBatches(),
      this.checkMappings(),
      this.failMapping(),
    ];
  }

  private claimMapping() {
    const { stage, tables } = this.props;
    const fullName = workflowName(stage, machineName);
    const environment = { ...this.controlTable, BOUNDARY_MAPPING_MACHINE_ARN: workflowArn(this, fullName) };
    const step = new RollcallFunction(this, { stage, name: 'claim-mapping', environment });
    tables.control.allow(step, 'get', 'query', 'update');
    allowExecutions(this, step, fullName, ['states:DescribeExecution']);
    return step;
  }

  private collectMappings() {
    const { stage, tables, sheets } = this.props;
    const environment = { ...this.controlTable, ...this.mappingTable, ...this.sheetBucket };
    const step = new RollcallFunction(this, { stage, name: 'collect-mappings', environment });
    tables.control.allow(step, 'get', 'query', 'update');
    tables.mapping.allow(step, 'read');
    sheets.allowWrite(step, 'mapping');
    return step;
  }

  private mapBatches() {
    const { stage, tables, sheets } = this.props;
    const step = new RollcallFunction(this, {
      stage,
      name: 'map-batches',
      bulkWriteCalls: stage.settings.mappingWriteCalls,
      services: stage.settings.services,
      environment: {
        ...this.controlTable,
        ...this.mappingTable,
        ...this.sheetBucket,
        TRACKING_TABLE: tables.tracking.tableName,
        REGISTRY_TABLE: tables.registry.tableName,
      },
    });
    // Where the places of services outside are.
    tables.control.allow(step, 'get', 'query', 'put', 'update');
    tables.tracking.allow(step, 'read');
    tables.mapping.allow(step, 'read', 'update', 'insertStatements', 'updateStatements');
    tables.registry.allow(step, 'insertStatements', 'deleteStatements');
    sheets.allowRead(step, 'mapping');
    return step;
  }

  private checkMappings() {
    const { stage, tables } = this.props;
    const { mappingCycles, mappingWaitSeconds } = stage.settings;
    const step = new RollcallFunction(this, {
      stage,
      name: 'check-mappings',
      environment: {
        ...this.controlTable,
        ...this.mappingTable,
        MAPPING_CYCLES: String(mappingCycles),
        MAPPING_WAIT_SECONDS: String(mappingWaitSeconds),
      },
    });
    tables.control.allow(step, 'get', 'query', 'put', 'update');
    tables.mapping.allow(step, 'read');
    return step;
  }

  private failMapping() {
    const { stage, tables } = this.props;
    const environment = { ...this.controlTable, ...this.mappingTable };
    const step = new RollcallFunction(this, { stage, name: 'fail-mapping', environment });
    tables.control.allow(step, 'get', 'query', 'put', 'update');
    tables.mapping.allow(step, 'read');
    return step;
  }
}
