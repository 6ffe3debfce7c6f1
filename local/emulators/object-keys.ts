/** Object keys become file names here, so a key that would climb out of its bucket's folder must be refused. */
import type { S3Store } from './fauxqs-parts.ts';

type ObjectPersistence = NonNullable<S3Store['persistence']>;

/** The longest file name that common file systems take, less the suffix that fauxqs appends. */
const LONGEST_SEGMENT_BYTES = 240;

export function guardObjectKeys(files: ObjectPersistence): ObjectPersistence {
  const upsertObject = files.upsertObject.bind(files);
  const insertMultipartUpload = files.insertMultipartUpload.bind(files);
  files.upsertObject = (bucket, object) => {
    assertStorable(object.key);
    upsertObject(bucket, object);
  };
  files.insertMultipartUpload = (upload) => {
    assertStorable(upload.key);
    insertMultipartUpload(upload);
  };
  return files;
}

function assertStorable(key: string): void {
  for (const segment of key.split('/')) {
    if (segment === '.' || segment === '..' || Buffer.byteLength(segment) > LONGEST_SEGMENT_BYTES) {
      throw new Error(
        `The object key ${JSON.stringify(key)} cannot be stored locally: a part between slashes must not be "." or ".." and at most ${LONGEST_SEGMENT_BYTES} bytes.`,
      );
    }
  }
}
