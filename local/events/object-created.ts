/**
 * "Object Created" events of buckets that send theirs to EventBridge. A stored object and its event are two writes; what a
 * kill between them left without its event is found at the next start by its time of modification.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html (keys are not URL-encoded there)
 */
import { randomUUID } from 'node:crypto';
import type { FauxqsEmulator } from '../emulators/fauxqs.ts';
import type { S3Object } from '../emulators/fauxqs-parts.ts';
import { allObjects } from '../emulators/object-listing.ts';
import type { Journal } from '../state/journal.ts';
import type { EventBus, EventEntry } from './event-bus.ts';

export interface ObjectEvents {
  /** Sends the events that a former run still owed. */
  catchUp(): void;
}

export function sendObjectEvents(
  buckets: string[],
  storage: FauxqsEmulator,
  bus: EventBus,
  journal: Journal,
): ObjectEvents {
  const { database } = journal;
  // Only the objects of the latest millisecond are remembered: whatever is older has had its event.
  database.exec(`
    CREATE TABLE IF NOT EXISTS object_events_until (bucket TEXT PRIMARY KEY, modified INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS object_events_latest (bucket TEXT, key TEXT, etag TEXT, modified INTEGER, PRIMARY KEY (bucket, key, etag));
  `);
  const readUntil = database.prepare('SELECT modified FROM object_events_until WHERE bucket = ?');
  const writeUntil = database.prepare(
    'INSERT INTO object_events_until VALUES (?, ?) ON CONFLICT (bucket) DO UPDATE SET modified = max(modified, excluded.modified)',
  );
  const isLatest = database.prepare(
    'SELECT 1 FROM object_events_latest WHERE bucket = ? AND key = ? AND etag = ? AND modified = ?',
  );
  const addLatest = database.prepare('INSERT OR REPLACE INTO object_events_latest VALUES (?, ?, ?, ?)');
  const dropOlder = database.prepare('DELETE FROM object_events_latest WHERE bucket = ? AND modified < ?');

  /** Once per upload: fauxqs reports a form upload twice. */
  function send(bucket: string, object: S3Object): void {
    const modified = object.lastModified.getTime();
    const entry = objectCreated(bucket, object);
    if (!bus.isWanted(entry) || isLatest.get(bucket, object.key, object.etag, modified)) return;
    journal.together(() => {
      bus.put(entry);
      addLatest.run(bucket, object.key, object.etag, modified);
      dropOlder.run(bucket, modified);
      writeUntil.run(bucket, modified);
    });
  }

  const watched = new Set(buckets);
  storage.onActivity((message) => {
    if (message.service !== 's3' || message.status !== 'uploaded' || !watched.has(message.bucket)) return;
    send(message.bucket, storage.objects.headObject(message.bucket, message.key));
  });

  return {
    catchUp() {
      for (const bucket of buckets) {
        const until = (readUntil.get(bucket)?.modified as number | undefined) ?? 0;
        const newer = [...allObjects(storage.objects, bucket)].filter(
          ({ lastModified }) => lastModified.getTime() >= until,
        );
        for (const object of newer) send(bucket, object);
        const latest = Math.max(until, ...newer.map(({ lastModified }) => lastModified.getTime()));
        if (newer.length > 0) writeUntil.run(bucket, latest);
      }
    },
  };
}

function objectCreated(bucket: string, object: S3Object): EventEntry {
  const etag = object.etag.replaceAll('"', '');
  return {
    source: 'aws.s3',
    detailType: 'Object Created',
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key: object.key,
        size: object.contentLength,
        etag,
        sequencer: object.lastModified.getTime().toString(16).toUpperCase().padStart(16, '0'),
      },
      'request-id': randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase(),
      requester: '000000000000',
      'source-ip-address': '127.0.0.1',
      reason: object.parts ? 'CompleteMultipartUpload' : 'PutObject',
    },
  };
}
