import { AccountDays } from './account-days.ts';
import { AccountStore } from './account-store.ts';
import { ActionRequests } from './action-requests.ts';
import { ActionStore } from './action-store.ts';
import { ApiKeyStore } from './api-key-store.ts';
import {
  documentClient,
  dynamoClient,
  eventBridgeClient,
  s3Client,
  schedulerClient,
  secretsClient,
  sfnClient,
  sqsClient,
} from './aws-clients.ts';
import { BatchQueue, BatchQueues } from './batch-queue.ts';
import { ControlTable } from './control-table.ts';
import { DeliveryStore } from './delivery-store.ts';
import { EarlierRuns } from './earlier-runs.ts';
import { EntityIndex } from './entity-index.ts';
import { EntityJournal } from './entity-journal.ts';
import { EntityListing } from './entity-listing.ts';
import { EntityStore } from './entity-store.ts';
import { EventBus } from './event-bus.ts';
import { Executions } from './executions.ts';
import { MappingExecutions } from './mapping-executions.ts';
import { MappingRuns } from './mapping-runs.ts';
import { MappingTable } from './mapping-table.ts';
import { QueueLengths } from './queue-lengths.ts';
import { QuotaStore } from './quota-store.ts';
import { ReferenceStore } from './reference-store.ts';
import { RegistryTable } from './registry-table.ts';
import { Schedules } from './schedules.ts';
import { readSecret } from './secrets.ts';
import { ServicePlaces } from './service-places.ts';
import { SheetBucket } from './sheet-bucket.ts';
import { TrackingTable } from './tracking-table.ts';
import { UndoExecutions } from './undo-executions.ts';
import { WebhookStore } from './webhook-store.ts';
import { WrittenEntities } from './written-entities.ts';

/** The stores of a function, from the names in its environment and nothing else. */

export function openControl(environment: { CONTROL_TABLE: string }): {
  control: ControlTable;
  actions: ActionStore;
  requests: ActionRequests;
  references: ReferenceStore;
  mappingRuns: MappingRuns;
  places: ServicePlaces;
  earlierRuns: EarlierRuns;
  accountDays: AccountDays;
} {
  const control = new ControlTable(documentClient(), environment.CONTROL_TABLE);
  return {
    control,
    actions: new ActionStore(control),
    requests: new ActionRequests(control),
    references: new ReferenceStore(control),
    mappingRuns: new MappingRuns(control),
    places: new ServicePlaces(control),
    earlierRuns: new EarlierRuns(control),
    accountDays: new AccountDays(control),
  };
}

/** Accounts, their keys and what is left of their quotas. */
export function openAccounts(environment: { CONTROL_TABLE: string }): {
  accounts: AccountStore;
  keys: ApiKeyStore;
  quotas: QuotaStore;
} {
  const control = new ControlTable(documentClient(), environment.CONTROL_TABLE);
  return { accounts: new AccountStore(control), keys: new ApiKeyStore(control), quotas: new QuotaStore(control) };
}

/** `REPORT_DAYS` only for those who insert rows. */
export function openTracking(environment: { TRACKING_TABLE: string; REPORT_DAYS?: number }): {
  tracking: TrackingTable;
} {
  const { TRACKING_TABLE: table, REPORT_DAYS: days } = environment;
  return { tracking: new TrackingTable(dynamoClient(), table, days) };
}

export function openMapping(environment: { MAPPING_TABLE: string }): { mapping: MappingTable } {
  return { mapping: new MappingTable(dynamoClient(), environment.MAPPING_TABLE) };
}

export function openRegistry(environment: { REGISTRY_TABLE: string }): {
  registry: RegistryTable;
  entityIndex: EntityIndex;
  entities: EntityStore;
} {
  const { REGISTRY_TABLE: table } = environment;
  return {
    registry: new RegistryTable(dynamoClient(), table),
    entityIndex: new EntityIndex(dynamoClient(), table),
    entities: new EntityStore(dynamoClient(), table),
  };
}

export function openWritten(environment: { REGISTRY_TABLE: string }): { written: WrittenEntities } {
  return { written: new WrittenEntities(dynamoClient(), environment.REGISTRY_TABLE) };
}

export function openEntityListing(environment: { REGISTRY_TABLE: string }): { listing: EntityListing } {
  return { listing: new EntityListing(dynamoClient(), environment.REGISTRY_TABLE) };
}

export function openBucket(environment: { SHEET_BUCKET: string }): { bucket: SheetBucket } {
  return { bucket: new SheetBucket(s3Client(), environment.SHEET_BUCKET) };
}

export function openJournal(environment: { SHEET_BUCKET: string }): { journal: EntityJournal } {
  return { journal: new EntityJournal(openBucket(environment).bucket) };
}

export function openQueue(environment: { BATCH_QUEUE_URL: string }): { queue: BatchQueue } {
  return { queue: new BatchQueue(sqsClient(), environment.BATCH_QUEUE_URL) };
}

export function openQueueLengths(environment: { WATCHED_QUEUES: Record<string, string> }): {
  queueLengths: QueueLengths;
} {
  return { queueLengths: new QueueLengths(sqsClient(), environment.WATCHED_QUEUES) };
}

/** The queue of each process: its own service's, else the one of the registry. */
export function openQueues(environment: { BATCH_QUEUE_URL?: string; OUTSIDE_QUEUES: Record<string, string> }): {
  queues: BatchQueues;
} {
  return { queues: new BatchQueues(sqsClient(), environment.OUTSIDE_QUEUES, environment.BATCH_QUEUE_URL) };
}

export function openWebhooks(environment: { CONTROL_TABLE: string; DELIVERY_QUEUE_URL: string }): {
  webhooks: WebhookStore;
  deliveries: DeliveryStore;
  deliveryQueue: BatchQueue;
} {
  const control = new ControlTable(documentClient(), environment.CONTROL_TABLE);
  return {
    webhooks: new WebhookStore(control),
    deliveries: new DeliveryStore(control),
    deliveryQueue: new BatchQueue(sqsClient(), environment.DELIVERY_QUEUE_URL),
  };
}

export function openSecrets(): { readSecret: (secret: string) => Promise<string> } {
  return { readSecret: (secret) => readSecret(secretsClient(), secret) };
}

export function openSchedules(environment: { SCHEDULE_GROUP: string }): { schedules: Schedules } {
  return { schedules: new Schedules(schedulerClient(), environment.SCHEDULE_GROUP) };
}

export function openBus(environment: { EVENT_BUS_NAME: string }): { bus: EventBus } {
  return { bus: new EventBus(eventBridgeClient(), environment.EVENT_BUS_NAME) };
}

export function openExecutions(environment: { BULK_ACTION_MACHINE_ARN: string }): { executions: Executions } {
  return { executions: new Executions(sfnClient(), environment.BULK_ACTION_MACHINE_ARN) };
}

export function openUndoExecutions(environment: { UNDO_ACTION_MACHINE_ARN: string }): {
  undoExecutions: UndoExecutions;
} {
  return { undoExecutions: new UndoExecutions(sfnClient(), environment.UNDO_ACTION_MACHINE_ARN) };
}

export function openMappingExecutions(environment: { BOUNDARY_MAPPING_MACHINE_ARN: string }): {
  executions: MappingExecutions;
} {
  return { executions: new MappingExecutions(sfnClient(), environment.BOUNDARY_MAPPING_MACHINE_ARN) };
}
