/**
 * The parts of fauxqs, taken one by one. Its own `startFauxqs` listens on every interface, hides its stores, and wakes up
 * 50 times a second for each long poll. With the stores at hand the queue poller reads messages in process, and the
 * server answers on loopback alone. The package exports none of this, hence the paths; its version is pinned.
 */
export { buildApp } from '../../node_modules/fauxqs/dist/app.js';
export { PersistenceManager } from '../../node_modules/fauxqs/dist/persistence.js';
export { FileS3Persistence } from '../../node_modules/fauxqs/dist/s3/fileS3Persistence.js';
export { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
export type { S3Object } from '../../node_modules/fauxqs/dist/s3/s3Types.js';
export { publish } from '../../node_modules/fauxqs/dist/sns/actions/publish.js';
export { SnsStore } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
export { MessageSpy, type SpyMessage } from '../../node_modules/fauxqs/dist/spy.js';
export { SqsQueue, SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
export type {
  MessageAttributeValue,
  ReceivedMessage,
  SqsMessage,
} from '../../node_modules/fauxqs/dist/sqs/sqsTypes.js';
