import { z } from 'zod';
import { defaultBatchRows, maxBatchRows } from './batch-message.ts';
import { accountLimitsSchema } from './quota.ts';
import { outsideServicesSchema } from './service-configuration.ts';
import { defaultBulkWriteCalls } from './write-bounds.ts';

const seconds = z.number().int().positive();
const days = z.number().int().positive();

/** The time of a scheduled action is at most so far ahead. */
export const longestWaitDays = 365;

/** Every limit and time of a stage, with its default. A stage overrides what it needs in `cdk.json` (`stages`). */
export const stageSettingsSchema = z.object({
  /** Tables and bucket survive the deletion of the stack, and the tables refuse to be deleted. */
  protectData: z.boolean().default(true),
  /** Bytes of one upload at most. S3 objects end at 5 TiB, presigned parts at 10,000. */
  maxUploadBytes: z
    .number()
    .int()
    .positive()
    .default(1024 ** 3),
  /** Uploads above this many bytes go in parts. */
  singleUploadBytes: z
    .number()
    .int()
    .positive()
    .default(8 * 1024 ** 2),
  /** Bytes of one part; S3 wants at least 5 MiB for all but the last. */
  uploadPartBytes: z
    .number()
    .int()
    .min(5 * 1024 ** 2)
    .default(8 * 1024 ** 2),
  /** Bytes of a sheet that is uploaded for a preview. */
  previewUploadBytes: z
    .number()
    .int()
    .positive()
    .default(64 * 1024 ** 2),
  /** How long presigned addresses are good for; an action whose sheet has not come by then fails. */
  uploadExpirySeconds: seconds.max(43_200).default(3_600),
  /** `records` in one request at most; API Gateway bounds the body at 10 MB, Lambda at 6 MB. */
  maxInlineRecords: z.number().int().positive().default(10_000),
  /** The longest pause between two looks at an action's progress. */
  settleSeconds: seconds.default(60),
  /** An action without any progress for this long is stalled: what is left fails as `unprocessed`. */
  stallSeconds: seconds.default(900),
  /** An action ends this long after its sheet arrived, whatever happens. */
  deadlineSeconds: seconds.default(6 * 3_600),
  /** Chunks of one action worked on at a time. */
  chunkConcurrency: z.number().int().min(1).max(40).default(10),
  /**
   * Bulk writes that one function has under way at a time: enough to hide the network, few enough not to storm one
   * partition. A database that does one after the other, as the local one, answers others sooner with fewer.
   */
  bulkWriteCalls: z.number().int().min(1).max(50).default(defaultBulkWriteCalls),
  /** Rows of one batch. Those that are more than a message's 256 KB are put aside for it in the sheet bucket. */
  batchRows: z.number().int().min(1).max(maxBatchRows).default(defaultBatchRows),
  /** process-batch invocations at a time, over all actions. */
  batchConcurrency: z.number().int().min(2).max(1_000).default(50),
  /** Batches that one invocation of process-batch gets; they share its connections and overlap their waiting. */
  batchesPerInvocation: z.number().int().min(1).max(10).default(5),
  /**
   * The longest run of process-batch. A batch whose function died comes again after six times this long, as AWS advises
   * for queues that feed functions; one that failed in good order says itself when to come again.
   */
  batchTimeoutSeconds: seconds.max(900).default(60),
  /** Deliveries of one batch before it is a dead letter. */
  batchDeliveries: z.number().int().min(1).max(1_000).default(5),
  /** Lists of mappings of one reference worked on at a time. */
  mappingConcurrency: z.number().int().min(1).max(40).default(10),
  /** The same as `bulkWriteCalls`, for the function that works on a list of mappings: several batches of it at a time. */
  mappingWriteCalls: z.number().int().min(1).max(50).default(defaultBulkWriteCalls),
  /** How often one run of the boundary mapping goes over what is left before it gives up. */
  mappingCycles: z.number().int().min(1).max(20).default(5),
  /** The longest pause between two cycles, unless a service asks for more. */
  mappingWaitSeconds: seconds.default(60),
  /** Services outside, and which processes use them for their entities and their boundaries; docs/services.md. */
  services: outsideServicesSchema.default({ services: [], processes: {} }),
  /** process-outside-batch invocations at a time for one service; each may send as many calls as the service permits. */
  outsideConcurrency: z.number().int().min(2).max(1_000).default(2),
  /** Deliveries of one batch of a service outside, none of which settled a row, before it is a dead letter. */
  outsideDeliveries: z.number().int().min(1).max(1_000).default(10),
  /** The longest run of process-outside-batch: some calls of a slow service, one after the other. */
  outsideTimeoutSeconds: seconds.max(900).default(180),
  /** Seconds between two looks for actions that nobody drives any more. */
  sweepMinutes: z.number().int().min(1).default(5),
  /** Days that chunks and results are kept. */
  workingDataDays: days.default(7),
  /** Days that uploads and reports are kept. */
  reportDays: days.default(90),
  /** Days that an Idempotency-Key is remembered. */
  idempotencyDays: days.default(1),
  logRetentionDays: days.default(90),
  /**
   * Tell accounts apart in what is measured. CloudWatch takes $0.30 a month for each metric and combination of account and
   * process that occurs, with about a dozen metrics: 100 accounts with 4 processes each are some $1,400 a month. Without,
   * the same is measured by process only.
   */
  metricsByAccount: z.boolean().default(true),
  /** The dashboard, the alarms that watch over all parts, and their topic. Off where nobody is on call, as on one machine. */
  alarms: z.boolean().default(true),
  /** Who gets the alarms by mail, besides whoever subscribes to their topic; docs/runbook.md says what each means. */
  alarmEmail: z.email().optional(),
  /** Who gets a mail at each end of an action, of all accounts. */
  notificationEmail: z.email().optional(),
  /** Webhooks may use http and lead into private networks; docs/webhooks.md. Never to link-local and metadata addresses. */
  allowInsecureWebhooks: z.boolean().default(false),
  /** Webhooks of one account at most. */
  webhooksPerAccount: z.number().int().min(1).max(100).default(20),
  /** deliver-webhook invocations at a time, each with up to ten deliveries side by side. */
  webhookConcurrency: z.number().int().min(2).max(1_000).default(10),
  /** The longest that a webhook may take for its whole answer. */
  webhookTimeoutSeconds: seconds.max(60).default(10),
  /** Attempts of one delivery before it failed. */
  webhookAttempts: z.number().int().min(1).max(20).default(8),
  /** The pause after a delivery's first failure; the next ones are each four times as long. */
  webhookFirstRetrySeconds: seconds.default(30),
  /** The longest pause; SQS hides a message for 12 hours at most. */
  webhookLongestRetrySeconds: seconds.max(39_600).default(39_600),
  /** A webhook that nothing got through to for this long is disabled. */
  webhookFailingSeconds: seconds.default(3 * 86_400),
  /** Days that deliveries of webhooks are kept. */
  deliveryLogDays: days.min(5).default(30),
  /** Requests a second to the HTTP API over all accounts, with bursts of twice as many. */
  requestsPerSecond: z.number().int().min(1).default(200),
  /** Requests of one account that come back a minute, and that may come at once; docs/accounts.md. */
  requestsPerMinute: accountLimitsSchema.shape.requestsPerMinute.default(6_000),
  /** Records of one account that come back a minute, whether they come in requests or in sheets. */
  recordsPerMinute: accountLimitsSchema.shape.recordsPerMinute.default(600_000),
  /** Records of one account that may come at once. */
  burstRecords: accountLimitsSchema.shape.burstRecords.default(1_000_000),
  /** Origins that may upload and call from a browser. */
  corsOrigins: z.array(z.string()).default(['*']),
});
export type StageSettings = z.infer<typeof stageSettingsSchema>;
