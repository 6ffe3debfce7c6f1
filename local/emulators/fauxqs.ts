/** S3, SQS and SNS in this process: fauxqs on loopback, with what it leaves out (CORS, upload policies) added. */
import type { DatabaseSync } from 'node:sqlite';
import { addCors, type CorsRule } from './bucket-cors.ts';
import {
  buildApp,
  FileS3Persistence,
  MessageSpy,
  PersistenceManager,
  S3Store,
  SnsStore,
  type SpyMessage,
  SqsStore,
} from './fauxqs-parts.ts';
import { keepMessageGroups } from './message-groups.ts';
import { guardObjectKeys } from './object-keys.ts';
import { listInKeyOrder } from './object-listing.ts';
import { addUploadPolicy } from './upload-policy.ts';

export interface FauxqsEmulator {
  url: string;
  queues: SqsStore;
  topics: SnsStore;
  objects: S3Store;
  /** Called in the same tick in which fauxqs stored, moved or deleted something. */
  onActivity(listener: (message: SpyMessage) => void): void;
  setCorsRules(bucket: string, rules: CorsRule[]): void;
  stop(): Promise<void>;
}

export interface FauxqsOptions {
  port: number;
  /** Where queues and topics are kept; absent = in memory. */
  dataDirectory?: string;
  /** Objects are always files, so that a large sheet does not fill the memory. */
  objectDirectory: string;
}

export async function startFauxqs({ port, dataDirectory, objectDirectory }: FauxqsOptions): Promise<FauxqsEmulator> {
  const queues = new SqsStore();
  const topics = new SnsStore();
  const objects = new S3Store();
  const messages = dataDirectory ? openMessageStore(dataDirectory, queues, topics) : undefined;
  const files = new FileS3Persistence(objectDirectory);
  files.loadS3(objects);
  objects.persistence = guardObjectKeys(files);
  listInKeyOrder(objects);

  const spy = new ActivitySpy();
  queues.spy = spy;
  topics.spy = spy;
  objects.spy = spy;
  for (const queue of queues.allQueues()) queue.spy = spy;

  const app = buildApp({
    logger: false,
    host: '127.0.0.1',
    stores: { sqsStore: queues, snsStore: topics, s3Store: objects },
  });
  const corsRules = new Map<string, CorsRule[]>();
  addCors(app, (bucket) => corsRules.get(bucket) ?? []);
  addUploadPolicy(app);
  keepMessageGroups(app);
  const url = await app.listen({ port, host: '127.0.0.1' });
  return {
    url,
    queues,
    topics,
    objects,
    onActivity: (listener) => spy.listeners.push(listener),
    setCorsRules: (bucket, rules) => corsRules.set(bucket, rules),
    stop: async () => {
      await app.close();
      messages?.close();
    },
  };
}

/** fauxqs reports to a spy that buffers for tests; the local run wants each report at once and no buffer. */
class ActivitySpy extends MessageSpy {
  readonly listeners: Array<(message: SpyMessage) => void> = [];

  override addMessage(message: SpyMessage): void {
    for (const listener of this.listeners) listener(message);
  }
}

function openMessageStore(directory: string, queues: SqsStore, topics: SnsStore): PersistenceManager {
  const store = new PersistenceManager(directory);
  const { db } = store as unknown as { db: DatabaseSync };
  // A write to the disk's platters for each message would be slower than DynamoDB; a kill loses nothing without it either.
  db.exec('PRAGMA synchronous = NORMAL');
  // fauxqs' own statement clears the count of receives as well, which the table forbids: every change of visibility to 0 fails.
  const makeReady = db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  store.updateMessageReady = (messageId) => {
    makeReady.run(messageId);
  };
  // Load first and wire after: creating a queue with persistence wired replaces its row, which deletes its messages.
  store.loadSqsAndSns(queues, topics);
  queues.persistence = store;
  topics.persistence = store;
  for (const queue of queues.allQueues()) queue.persistence = store;
  return store;
}
