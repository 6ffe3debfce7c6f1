import type { FunctionName } from '../lambdas/model/environments.ts';
import type { StageSettings } from '../lambdas/model/settings.ts';

/** Memory in MiB, which on Lambda also buys CPU (1,769 MiB are one core), and the longest run in seconds. */
export interface FunctionSize {
  readonly memory: number;
  readonly timeout: number;
  /** Node.js' own options; where there are none, Lambda sets the sizes of the heap by the memory. */
  readonly nodeOptions?: string;
}

/** API Gateway gives up after 30 seconds; a function that runs on after that would work for nobody. */
const request: FunctionSize = { memory: 512, timeout: 28 };
/** A handful of control items. */
const control: FunctionSize = { memory: 256, timeout: 60 };
/** A chunk holds up to 90,000 rows: minutes of writes, for which Lambda's 15 are a wide margin. */
const chunk: FunctionSize = { memory: 1_024, timeout: 900 };
/** A whole sheet in one go, bound by CPU: one full core. */
const sheet: FunctionSize = { memory: 1_769, timeout: 900 };
/**
 * Rows live for a moment only. In the three young spaces of 59 MiB each that Lambda would allow, their garbage takes as
 * much memory as the sheet is long; in 8 MiB they are staged as fast. The rest is for the identifiers, outside the heap.
 */
const stream: FunctionSize = { ...sheet, nodeOptions: '--max-semi-space-size=8 --max-old-space-size=1280' };

/** The size of each function. */
export function functionSizes(settings: StageSettings): Readonly<Record<FunctionName, FunctionSize>> {
  const batch: FunctionSize = { memory: 1_024, timeout: settings.batchTimeoutSeconds };
  return {
    'authorize-request': { memory: 256, timeout: 10 },
    'seed-admin-key': control,
    // Up to 6 MB of records are parsed and written to S3.
    'create-bulk-action': { ...request, memory: 1_024 },
    'manage-accounts': request,
    'complete-upload': request,
    // Unpacks the shared texts of a workbook.
    'preview-sheet': { ...request, memory: 1_769 },
    'read-bulk-actions': request,
    // Searches up to 200,000 entries of a log.
    'read-logs': { ...request, memory: 1_024 },
    'read-stats': request,
    'count-action': control,
    'cancel-bulk-action': request,
    'undo-bulk-action': request,
    'undo-rows': chunk,
    'finish-undo': control,
    'retry-bulk-action': request,
    'read-references': request,
    'read-boundaries': request,
    'read-entities': request,
    'start-mapping': request,
    // Makes XLSX templates.
    'describe-service': { ...request, memory: 1_024 },
    'start-action': control,
    'start-scheduled-action': control,
    'claim-reference': control,
    'stage-sheet': stream,
    'take-quota': control,
    'identify-chunk': chunk,
    'revive-rows': chunk,
    'dispatch-chunk': chunk,
    'process-batch': batch,
    'process-outside-batch': { memory: 1_024, timeout: settings.outsideTimeoutSeconds },
    'drain-dead-letters': batch,
    // Adds up to 100,000 batch markers, a few seconds of queries.
    'measure-progress': control,
    'settle-chunk': chunk,
    'check-action': control,
    'enter-mapping': control,
    'note-mapping': chunk,
    'write-report': sheet,
    'finish-action': control,
    'fail-action': control,
    'claim-mapping': control,
    // Ten million mappings are read, and written in lists.
    'collect-mappings': sheet,
    'map-batches': chunk,
    'check-mappings': chunk,
    'fail-mapping': chunk,
    'manage-webhooks': request,
    'queue-deliveries': control,
    // Beyond the webhook's own time: a cold start, reading and noting.
    'deliver-webhook': { memory: 512, timeout: settings.webhookTimeoutSeconds + 20 },
    'sweep-actions': { ...control, timeout: 300 },
  };
}
