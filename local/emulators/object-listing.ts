/**
 * S3 lists keys in byte order. fauxqs sorts them by the rules of a human language but continues a page by code units, so a
 * listing of more than one page can skip keys. This puts the byte order in its place.
 */
import type { S3Object, S3Store } from './fauxqs-parts.ts';

type ListOptions = Parameters<S3Store['listObjects']>[1];
type Listing = ReturnType<S3Store['listObjects']>;

export function listInKeyOrder(store: S3Store): void {
  const original = store.listObjects.bind(store);
  store.listObjects = (bucket, options) => {
    if (options?.delimiter || !store.hasBucket(bucket)) return original(bucket, options);
    return page(allObjects(store, bucket), options);
  };
}

/** Every object of a bucket; empty for a bucket that does not exist. */
export function allObjects(store: S3Store, bucket: string): Iterable<S3Object> {
  // The map of buckets is private in fauxqs' types, and its own listing is what is being replaced.
  const { buckets } = store as unknown as { buckets: Map<string, Map<string, S3Object>> };
  return buckets.get(bucket)?.values() ?? [];
}

function page(
  objects: Iterable<S3Object>,
  { prefix = '', maxKeys = 1000, startAfter, marker }: ListOptions = {},
): Listing {
  const after = startAfter || marker || '';
  const matching = [...objects].filter(({ key }) => key.startsWith(prefix) && key > after);
  matching.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { objects: matching.slice(0, maxKeys), commonPrefixes: [], isTruncated: matching.length > maxKeys };
}
