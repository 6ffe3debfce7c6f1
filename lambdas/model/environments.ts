import { z } from 'zod';
import { defaultBulkWriteCalls } from './write-bounds.ts';

/**
 * The environment of each function as one schema: it types what the construct passes in and is checked when the
 * function starts. Lambda environments are strings, so numbers are coerced.
 */
function parsedJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected JSON' });
    return z.NEVER;
  }
}

const text = z.string().min(1);
const number = z.coerce.number().int().min(0);

const base = z.object({
  STAGE: text,
  POWERTOOLS_SERVICE_NAME: text,
  POWERTOOLS_METRICS_NAMESPACE: text,
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  BULK_WRITE_CALLS: z.coerce.number().int().min(1).default(defaultBulkWriteCalls),
});
const control = { CONTROL_TABLE: text };
const tracking = { TRACKING_TABLE: text };
/** Rows that are one action's own go after as many days as its report. */
const trackedRows = { ...tracking, REPORT_DAYS: number };
const mapping = { MAPPING_TABLE: text };
const registry = { REGISTRY_TABLE: text };
/** Queues of services outside by processName, as JSON. */
const outsideQueues = {
  OUTSIDE_QUEUES: z
    .string()
    .transform((text, context) => parsedJson(text, context))
    .pipe(z.record(z.string(), z.string())),
};
const bucket = { SHEET_BUCKET: text };
/** Whether accounts are told apart in what is measured. */
const measuring = { METRICS_BY_ACCOUNT: z.stringbool() };
/** Queue URLs by the name under which they are told, as JSON. */
const watchedQueues = {
  WATCHED_QUEUES: z
    .string()
    .transform((text, context) => parsedJson(text, context))
    .pipe(z.record(z.string(), z.string())),
};
/** What accounts without limits of their own may do. */
const limits = { REQUESTS_PER_MINUTE: number, RECORDS_PER_MINUTE: number, BURST_RECORDS: number };
const times = { SETTLE_SECONDS: number, STALL_SECONDS: number };
const mappingMachine = { BOUNDARY_MAPPING_MACHINE_ARN: text };
const schedules = { SCHEDULE_GROUP: text };
const undoMachine = { UNDO_ACTION_MACHINE_ARN: text };
const machine = { BULK_ACTION_MACHINE_ARN: text };
const bus = { EVENT_BUS_NAME: text };
const deliveries = { DELIVERY_QUEUE_URL: text };

export const environments = {
  'authorize-request': base.extend({ ...control, ...limits }),
  'seed-admin-key': base.extend({ ...control, ADMIN_KEY_SECRET_ARN: text }),
  'manage-accounts': base.extend({ ...control, ...limits }),
  'create-bulk-action': base.extend({
    ...control,
    ...bucket,
    MAX_UPLOAD_BYTES: number,
    SINGLE_UPLOAD_BYTES: number,
    UPLOAD_PART_BYTES: number,
    UPLOAD_EXPIRY_SECONDS: number,
    MAX_INLINE_RECORDS: number,
    DEADLINE_SECONDS: number,
    IDEMPOTENCY_DAYS: number,
    ...schedules,
    SCHEDULED_FUNCTION_ARN: text,
    SCHEDULE_ROLE_ARN: text,
    UNSTARTED_QUEUE_ARN: text,
  }),
  'complete-upload': base.extend({ ...control, ...bucket }),
  'preview-sheet': base.extend({
    ...control,
    ...registry,
    ...bucket,
    PREVIEW_UPLOAD_BYTES: number,
    UPLOAD_EXPIRY_SECONDS: number,
  }),
  'read-bulk-actions': base.extend({ REPORT_DAYS: number, ...control, ...bucket, UPLOAD_EXPIRY_SECONDS: number }),
  'read-logs': base.extend({ ...control, ...bucket }),
  'read-stats': base.extend({ ...control, ...bucket, ...watchedQueues }),
  'cancel-bulk-action': base.extend({ ...control, ...schedules, ...bucket, ...machine, EVENT_BUS_NAME: text }),
  'undo-bulk-action': base.extend({
    ...control,
    ...bucket,
    ...undoMachine,
    EVENT_BUS_NAME: text,
    DEADLINE_SECONDS: number,
    OUTSIDE_PROCESSES: text.transform((text, context) => parsedJson(text, context)).pipe(z.array(z.string())),
  }),
  'undo-rows': base.extend({ ...control, ...tracking, ...mapping, ...registry, ...bucket }),
  'finish-undo': base.extend({ ...control }),
  'retry-bulk-action': base.extend({ ...control, ...bucket, ...machine, ...bus, DEADLINE_SECONDS: number }),
  'read-references': base.extend({ ...control, ...mapping }),
  'start-mapping': base.extend({ ...control, ...mappingMachine, DEADLINE_SECONDS: number }),
  'read-boundaries': base.extend({ ...registry }),
  'read-entities': base.extend({ ...registry }),
  'describe-service': base,
  'start-action': base.extend({
    ...control,
    ...bucket,
    ...machine,
    ...bus,
    MAX_UPLOAD_BYTES: number,
    DEADLINE_SECONDS: number,
  }),
  'start-scheduled-action': base.extend({ ...control, ...bucket, ...machine, DEADLINE_SECONDS: number }),
  'claim-reference': base.extend({ ...control, ...bucket }),
  'stage-sheet': base.extend({ ...control, ...limits, ...registry, ...bucket, MAX_UPLOAD_BYTES: number }),
  'take-quota': base.extend({ ...control, ...limits }),
  'identify-chunk': base.extend({ ...control, ...trackedRows, ...mapping, ...bucket }),
  'revive-rows': base.extend({
    ...control,
    ...trackedRows,
    ...mapping,
    ...bucket,
    BATCH_ROWS: number,
  }),
  'dispatch-chunk': base.extend({ ...control, ...bucket, BATCH_QUEUE_URL: text, ...outsideQueues }),
  'process-batch': base.extend({
    ...control,
    ...trackedRows,
    ...registry,
    ...bucket,
    ...measuring,
    BATCH_QUEUE_URL: text,
    BATCH_DELIVERIES: number,
  }),
  'process-outside-batch': base.extend({
    ...control,
    ...trackedRows,
    ...bucket,
    ...outsideQueues,
    ...measuring,
    BATCH_DELIVERIES: number,
  }),
  'drain-dead-letters': base.extend({ ...control, ...trackedRows, ...bucket, ...measuring }),
  'measure-progress': base.extend({ ...control, ...times }),
  'settle-chunk': base.extend({ ...control, ...trackedRows, ...registry, ...bucket }),
  'check-action': base.extend({ ...control, ...times }),
  'enter-mapping': base.extend({ ...control }),
  'note-mapping': base.extend({ ...control, ...mapping }),
  'write-report': base.extend({ ...control, ...bucket }),
  'finish-action': base.extend({ ...control, ...bus }),
  'fail-action': base.extend({ ...control, ...bucket, ...bus }),
  'claim-mapping': base.extend({ ...control, ...mappingMachine }),
  'collect-mappings': base.extend({ ...control, ...mapping, ...bucket }),
  'map-batches': base.extend({ ...control, ...tracking, ...mapping, ...registry, ...bucket }),
  'check-mappings': base.extend({ ...control, ...mapping, MAPPING_CYCLES: number, MAPPING_WAIT_SECONDS: number }),
  'fail-mapping': base.extend({ ...control, ...mapping }),
  'manage-webhooks': base.extend({
    ...control,
    ...deliveries,
    ALLOW_INSECURE_WEBHOOKS: z.stringbool(),
    WEBHOOKS_PER_ACCOUNT: number,
    DELIVERY_LOG_DAYS: number,
  }),
  'count-action': base.extend({ ...control, ...measuring }),
  'queue-deliveries': base.extend({ ...control, ...deliveries, DELIVERY_LOG_DAYS: number }),
  'deliver-webhook': base.extend({
    ...control,
    ...deliveries,
    ALLOW_INSECURE_WEBHOOKS: z.stringbool(),
    WEBHOOK_TIMEOUT_SECONDS: number,
    WEBHOOK_ATTEMPTS: number,
    WEBHOOK_FIRST_RETRY_SECONDS: number,
    WEBHOOK_LONGEST_RETRY_SECONDS: number,
    WEBHOOK_FAILING_SECONDS: number,
  }),
  'sweep-actions': base.extend({
    ...control,
    ...undoMachine,
    ...bucket,
    ...machine,
    ...bus,
    DEADLINE_SECONDS: number,
    STALL_SECONDS: number,
  }),
} as const;

/** The name of a function: its file under `lambdas/functions/`, its bundle, its key here. */
export type FunctionName = keyof typeof environments;
export type Environment<Name extends FunctionName> = z.infer<(typeof environments)[Name]>;
/** What a construct passes in: the same keys, before coercion. */
export type EnvironmentInput<Name extends FunctionName> = {
  [Key in keyof z.input<(typeof environments)[Name]>]: string;
};
