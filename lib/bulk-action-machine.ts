import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { BoundaryMapping } from './boundary-mapping.ts';
import { BulkActionSteps } from './bulk-action-steps.ts';
import type { DataTables } from './data-tables.ts';
import type { EndEvents } from './end-events.ts';
import type { OutsideBatches } from './outside-batches.ts';
import type { SheetBucket } from './sheet-bucket.ts';
import type { Stage } from './stage.ts';
import { Workflow } from './workflow.ts';

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
  /** Take the batches of services outside. */
  readonly outside: OutsideBatches;
  readonly endEvents: EndEvents;
  /** Maps the reference when the action was its last. */
  readonly boundaryMapping: BoundaryMapping;
}

/** Takes one run of an action from its sheet to its report. */
export class BulkActionMachine extends Workflow {
  constructor(scope: Construct, id: string, props: BulkActionMachineProps) {
    const { stage, boundaryMapping } = props;
    const { settings } = stage;
    super(scope, id, {
      stage,
      name: 'bulk-action',
      steps: (own) => new BulkActionSteps(own, 'Steps', props).functions,
      values: {
        TimeoutSeconds: settings.deadlineSeconds + wayOutSeconds,
        ChunkConcurrency: settings.chunkConcurrency,
        RecountedChunks: recountedChunks,
      },
      arns: { BoundaryMapping: boundaryMapping.machine.stateMachineArn },
      alarms: {
        failed: {
          description:
            "A run did not reach its end and its action was given up. The execution's history says which step failed and why.",
          runbook: 'runs-fail',
        },
        timedOut: {
          description:
            "A run was still under way long after its action's deadline; the sweep ends the action. The execution's history says where it hung.",
          runbook: 'runs-time-out',
        },
      },
    });
    boundaryMapping.allowRun(this.machine);
  }
}
