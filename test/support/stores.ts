import { randomUUID } from 'node:crypto';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { EndEvent } from '../../lambdas/model/end-event.ts';
import type { AccountLimits } from '../../lambdas/model/quota.ts';
import { RowCharger } from '../../lambdas/steps/charge-rows.ts';
import { AccountDays } from '../../lambdas/store/account-days.ts';
import { AccountStore } from '../../lambdas/store/account-store.ts';
import { ActionRequests } from '../../lambdas/store/action-requests.ts';
import { ActionStore } from '../../lambdas/store/action-store.ts';
import { ApiKeyStore } from '../../lambdas/store/api-key-store.ts';
import {
  documentClient,
  dynamoClient,
  eventBridgeClient,
  s3Client,
  sqsClient,
} from '../../lambdas/store/aws-clients.ts';
import { BatchQueue, BatchQueues } from '../../lambdas/store/batch-queue.ts';
import { ControlTable } from '../../lambdas/store/control-table.ts';
import { DeliveryStore } from '../../lambdas/store/delivery-store.ts';
import { EarlierRuns } from '../../lambdas/store/earlier-runs.ts';
import { EntityIndex } from '../../lambdas/store/entity-index.ts';
import { EntityStore } from '../../lambdas/store/entity-store.ts';
import { EventBus } from '../../lambdas/store/event-bus.ts';
import { IdempotencyStore } from '../../lambdas/store/idempotency-store.ts';
import { MappingRuns } from '../../lambdas/store/mapping-runs.ts';
import { MappingTable } from '../../lambdas/store/mapping-table.ts';
import { QuotaStore } from '../../lambdas/store/quota-store.ts';
import { ReferenceStore } from '../../lambdas/store/reference-store.ts';
import { RegistryTable } from '../../lambdas/store/registry-table.ts';
import { SheetBucket } from '../../lambdas/store/sheet-bucket.ts';
import { TrackingTable } from '../../lambdas/store/tracking-table.ts';
import { WebhookStore } from '../../lambdas/store/webhook-store.ts';
import { WrittenEntities } from '../../lambdas/store/written-entities.ts';
import { startControlServer } from '../../local/control/control-server.ts';
import { eventsActions } from '../../local/control/events-actions.ts';
import { startDynoxide } from '../../local/emulators/dynoxide.ts';
import { startFauxqs } from '../../local/emulators/fauxqs.ts';
import type { EventBus as LocalBus } from '../../local/events/event-bus.ts';
import { choosePorts } from '../../local/state/ports.ts';
import { openStateDirectory } from '../../local/state/state-directory.ts';
import { refuseWhatDynamoRefuses } from './strict-keys.ts';

/** The stores over real emulators, without a stack around them. */
export interface TestStores {
  readonly control: ControlTable;
  readonly actions: ActionStore;
  readonly requests: ActionRequests;
  readonly earlierRuns: EarlierRuns;
  readonly accountDays: AccountDays;
  readonly references: ReferenceStore;
  readonly accounts: AccountStore;
  readonly keys: ApiKeyStore;
  readonly quotas: QuotaStore;
  /** Accounts have plenty of everything. */
  readonly charger: RowCharger;
  readonly idempotency: IdempotencyStore;
  readonly tracking: TrackingTable;
  readonly mapping: MappingTable;
  readonly mappingRuns: MappingRuns;
  readonly registry: RegistryTable;
  readonly written: WrittenEntities;
  readonly entityIndex: EntityIndex;
  readonly entities: EntityStore;
  readonly bucket: SheetBucket;
  readonly queue: BatchQueue;
  readonly queues: BatchQueues;
  /** What is in the batch queue: the bodies, parsed. */
  queued(): unknown[];
  readonly webhooks: WebhookStore;
  readonly deliveries: DeliveryStore;
  readonly bus: EventBus;
  /** What the bus was told, the first first. */
  readonly told: readonly EndEvent[];
  readonly dynamodb: DynamoDBClient;
  readonly registryTable: string;
  stop(): Promise<void>;
}

/**
 * Starts DynamoDB, S3 and SQS for one test file. The clients under test are those of the functions, so they are told
 * where the emulators are as functions are: by the environment.
 */
export async function startTestStores(): Promise<TestStores> {
  const ports = await choosePorts(0);
  const state = openStateDirectory();
  const told: EndEvent[] = [];
  const [dynoxide, fauxqs, events] = await Promise.all([
    startDynoxide({ port: ports.dynamodb, onExit: failLoudly }),
    startFauxqs({ port: ports.messaging, objectDirectory: state.objectDirectory }),
    startControlServer(ports.control, eventsActions(recordIn(told)), []),
  ]);
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: dynoxide.url,
    AWS_ENDPOINT_URL_S3: fauxqs.url,
    AWS_ENDPOINT_URL_SQS: fauxqs.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: events.url,
  });
  refuseWhatDynamoRefuses(dynamoClient());
  await createTables(dynamoClient());
  await s3Client().send(new CreateBucketCommand({ Bucket: 'sheets' }));
  await sqsClient().send(new CreateQueueCommand({ QueueName: 'batches' }));
  // The emulator's own answer names a host that is none.
  const queueUrl = `${fauxqs.url}/000000000000/batches`;

  const control = new ControlTable(documentClient(), 'control');
  return {
    control,
    actions: new ActionStore(control),
    requests: new ActionRequests(control),
    earlierRuns: new EarlierRuns(control),
    accountDays: new AccountDays(control),
    references: new ReferenceStore(control),
    accounts: new AccountStore(control),
    keys: new ApiKeyStore(control),
    quotas: new QuotaStore(control),
    charger: new RowCharger({ accounts: new AccountStore(control), quotas: new QuotaStore(control) }, plenty),
    idempotency: new IdempotencyStore(control),
    tracking: new TrackingTable(dynamoClient(), 'tracking'),
    mapping: new MappingTable(dynamoClient(), 'mapping'),
    mappingRuns: new MappingRuns(control),
    registry: new RegistryTable(dynamoClient(), 'registry'),
    written: new WrittenEntities(dynamoClient(), 'registry'),
    entityIndex: new EntityIndex(dynamoClient(), 'registry'),
    entities: new EntityStore(dynamoClient(), 'registry'),
    bucket: new SheetBucket(s3Client(), 'sheets'),
    queue: new BatchQueue(sqsClient(), queueUrl),
    queues: new BatchQueues(sqsClient(), {}, queueUrl),
    queued: () =>
      (fauxqs.queues.getQueueByName('batches')?.messages ?? []).map(({ body }) => JSON.parse(body) as unknown),
    webhooks: new WebhookStore(control),
    deliveries: new DeliveryStore(control),
    bus: new EventBus(eventBridgeClient(), 'default'),
    told,
    dynamodb: dynamoClient(),
    registryTable: 'registry',
    stop: async () => {
      await dynoxide.stop();
      await fauxqs.stop();
      await events.stop();
      state.release();
    },
  };
}

/** A bus that keeps what it is told and has no rules. */
function recordIn(told: EndEvent[]): LocalBus {
  return {
    put: ({ detail }) => {
      told.push(detail as EndEvent);
      return randomUUID();
    },
    isWanted: () => true,
  };
}

const plenty: AccountLimits = { requestsPerMinute: 1e6, recordsPerMinute: 1e7, burstRecords: 1e7 };

function failLoudly(reason: string): void {
  throw new Error(reason);
}

/** The tables' keys and indexes as the stack has them. */
async function createTables(client: DynamoDBClient): Promise<void> {
  const gsi1 = ['gsi1', ['gsi1pk', 'gsi1sk']] as const;
  const gsi2 = ['gsi2', ['gsi2pk', 'gsi2sk']] as const;
  const gsi3 = ['gsi3', ['openpk', 'opensk']] as const;
  const tables = { control: [gsi1, gsi2, gsi3], tracking: [], mapping: [], registry: [gsi1] };
  for (const [name, own] of Object.entries(tables)) {
    const attributes = ['pk', 'sk', ...own.flatMap(([, keys]) => keys)];
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keySchema('pk', 'sk'),
        ...(own.length > 0 && {
          GlobalSecondaryIndexes: own.map(([IndexName, [pk, sk]]) => ({
            IndexName,
            KeySchema: keySchema(pk, sk),
            Projection: { ProjectionType: 'ALL' },
          })),
        }),
      }),
    );
  }
}

function keySchema(hash: string, range: string) {
  return [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
}
