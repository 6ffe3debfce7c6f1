import { Construct } from 'constructs';
import type { FunctionName } from '../lambdas/model/environments.ts';
import type { BoundaryMapping } from './boundary-mapping.ts';
import type { DataTables } from './data-tables.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';
import { Workflow } from './workflow.ts';

/** Ten million rows at a thousand a second, their mappings, and some time in line for the reference. */
const longestSeconds = 8 * 3_600;

export interface UndoMachineProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly sheets: SheetBucket;
  /** Detaches what is gone. */
  readonly boundaryMapping: BoundaryMapping;
}

/** Undoes what an ended action did to entities. */
export class UndoMachine extends Workflow {
  constructor(scope: Construct, id: string, props: UndoMachineProps) {
    const { stage, boundaryMapping } = props;
    super(scope, id, {
      stage,
      name: 'undo-action',
      steps: (own) => new UndoSteps(own, 'Steps', props).functions,
      values: { TimeoutSeconds: stage.settings.deadlineSeconds + longestSeconds },
      arns: { BoundaryMapping: boundaryMapping.machine.stateMachineArn },
      alarms: {
        failed: {
          description: 'An undoing did not reach its end. Its history says which step failed and why.',
          runbook: 'undos-fail',
        },
        timedOut: {
          description: 'An undoing took longer than any should; the sweep gives its reference free.',
          runbook: 'undos-fail',
        },
      },
    });
    boundaryMapping.allowRun(this.machine);
  }
}

/** The functions behind the states of `undo-action`, each with what it needs and nothing else. */
class UndoSteps extends Construct {
  readonly functions: readonly RollcallFunction<FunctionName>[];
  private readonly props: UndoMachineProps;

  constructor(scope: Construct, id: string, props: UndoMachineProps) {
    super(scope, id);
    this.props = props;
    this.functions = [this.undoRows(), this.finishUndo()];
  }

  private undoRows() {
    const { stage, tables, sheets } = this.props;
    const step = new RollcallFunction(this, {
      stage,
      name: 'undo-rows',
      environment: {
        CONTROL_TABLE: tables.control.tableName,
        TRACKING_TABLE: tables.tracking.tableName,
        MAPPING_TABLE: tables.mapping.tableName,
        REGISTRY_TABLE: tables.registry.tableName,
        SHEET_BUCKET: sheets.bucketName,
      },
    });
    tables.control.allow(step, 'get', 'query', 'update');
    tables.tracking.allow(step, 'deleteStatements');
    tables.mapping.allow(step, 'read', 'update', 'delete', 'insertStatements');
    tables.registry.allow(step, 'read', 'insertStatements', 'updateStatements', 'deleteStatements');
    sheets.allowLookup(step, 'chunks', 'results', 'journal');
    sheets.allowWrite(step, 'journal', 'reports');
    return step;
  }

  private finishUndo() {
    const { stage, tables } = this.props;
    const environment = { CONTROL_TABLE: tables.control.tableName };
    const step = new RollcallFunction(this, { stage, name: 'finish-undo', environment });
    tables.control.allow(step, 'get', 'query', 'update');
    return step;
  }
}
