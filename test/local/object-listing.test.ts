import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FauxqsEmulator, startFauxqs } from '../../local/emulators/fauxqs.ts';
import { choosePorts } from '../../local/state/ports.ts';

const objectDirectory = mkdtempSync(join(tmpdir(), 'rollcall-listing-'));
let emulator: FauxqsEmulator;
let client: S3Client;

beforeAll(async () => {
  const { messaging: port } = await choosePorts(0);
  emulator = await startFauxqs({ port, objectDirectory });
  emulator.objects.createBucket('sheets');
  client = new S3Client({
    endpoint: emulator.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterAll(async () => {
  await emulator.stop();
  rmSync(objectDirectory, { recursive: true });
});

test('GIVEN keys that people and bytes order differently WHEN they are listed page by page THEN each comes once, in byte order', async () => {
  const keys = ['B', 'a', 'A-1', 'A1', 'a/1', 'a-2', 'b', 'Z9', 'z10'];
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: 'sheets', Key, Body: Key }));
  const listed: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket: 'sheets', MaxKeys: 2, ContinuationToken }));
    listed.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  expect(listed).toEqual(keys.toSorted((a, b) => (a < b ? -1 : 1)));
});
