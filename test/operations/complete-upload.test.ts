import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BulkAction } from '../../lambdas/model/action.ts';
import { completeUpload } from '../../lambdas/operations/complete-upload.ts';
import { offerUpload } from '../../lambdas/operations/offer-upload.ts';
import { newAction } from '../support/actions.ts';
import { startTestStores, type TestStores } from '../support/stores.ts';

const partBytes = 5 * 1024 ** 2;
const caller = { accountId: 'acme', keyId: 'k1', role: 'operator' } as const;
let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
});
afterAll(() => stores.stop());

interface Named {
  readonly partNumber: number;
  readonly etag: string;
}

/** An action whose sheet is two parts, both uploaded. */
async function uploaded() {
  const size = partBytes + 3;
  const base = newAction();
  const action: BulkAction = { ...base, source: { ...base.source, kind: 'upload', size } };
  await stores.actions.create(action);
  const limits = { singleUploadBytes: 1, uploadPartBytes: partBytes, uploadExpirySeconds: 600 };
  const upload = await offerUpload(stores, action, limits);
  if (upload.kind !== 'parts') throw new Error('expected parts');
  const bytes = Buffer.alloc(size, 'x');
  const parts = await Promise.all(
    upload.parts.map(async ({ partNumber, url }) => {
      const body = bytes.subarray((partNumber - 1) * partBytes, partNumber * partBytes);
      const answer = await fetch(url, { method: 'PUT', body });
      return { partNumber, etag: String(answer.headers.get('etag')) };
    }),
  );
  return { action, parts };
}

describe('completeUpload', () => {
  test('GIVEN all parts, in any order WHEN completed THEN the sheet is there; completing again is harmless', async () => {
    const { action, parts } = await uploaded();
    await completeUpload(stores, caller, action.actionId, parts.toReversed());
    expect(await stores.bucket.head(action.source.key)).toMatchObject({ size: action.source.size });
    await stores.actions.transition('acme', action.actionId, 'validating');
    await expect(completeUpload(stores, caller, action.actionId, parts)).resolves.toMatchObject({
      status: 'validating',
    });
  });

  test('GIVEN a part that is not named WHEN completed THEN upload_incomplete says which, and all of them still complete it', async () => {
    const { action, parts } = await uploaded();
    await expect(completeUpload(stores, caller, action.actionId, parts.slice(0, 1))).rejects.toMatchObject({
      code: 'upload_incomplete',
      members: { missingParts: [2] },
    });
    expect(await stores.bucket.head(action.source.key)).toBeUndefined();
    await completeUpload(stores, caller, action.actionId, parts);
    expect(await stores.bucket.head(action.source.key)).toMatchObject({ size: action.source.size });
  });

  test.each<[string, (parts: Named[]) => Named[]]>([
    ['a part twice', (parts) => [...parts, ...parts.slice(0, 1)]],
    ['a part in place of another', ([first]) => [first, first] as Named[]],
    ['a part that was not offered', (parts) => [...parts, { partNumber: 3, etag: '"x"' }]],
  ])('GIVEN %s WHEN completed THEN upload_incomplete, and the storage is not asked', async (_, wrongly) => {
    const { action, parts } = await uploaded();
    await expect(completeUpload(stores, caller, action.actionId, wrongly(parts))).rejects.toMatchObject({
      code: 'upload_incomplete',
      members: { missingParts: expect.any(Array) },
    });
    expect(await stores.bucket.head(action.source.key)).toBeUndefined();
  });

  test('GIVEN parts of a size that the stage has given up WHEN offered again THEN they are those of the first offer', async () => {
    const { action, parts } = await uploaded();
    const limits = { singleUploadBytes: 1, uploadPartBytes: 2 * partBytes, uploadExpirySeconds: 600 };
    const again = await offerUpload(stores, await stores.actions.get('acme', action.actionId), limits);
    expect(again).toMatchObject({ partBytes, parts: parts.map(({ partNumber }) => ({ partNumber })) });
  });

  test('GIVEN a wrong ETag WHEN completed THEN upload_incomplete, and the right one still completes it', async () => {
    const { action, parts } = await uploaded();
    const wrong = parts.map((part) => ({ ...part, etag: '"00000000000000000000000000000000"' }));
    await expect(completeUpload(stores, caller, action.actionId, wrong)).rejects.toMatchObject({
      code: 'upload_incomplete',
    });
    await expect(completeUpload(stores, caller, action.actionId, parts)).resolves.toBeDefined();
  });

  test('GIVEN an action that ended WHEN its upload is completed THEN illegal_transition', async () => {
    const { action, parts } = await uploaded();
    await stores.actions.transition('acme', action.actionId, 'failed');
    await expect(completeUpload(stores, caller, action.actionId, parts)).rejects.toMatchObject({
      code: 'illegal_transition',
      members: { actionStatus: 'failed' },
    });
  });

  test('GIVEN an upload by form WHEN completed THEN illegal_transition', async () => {
    const action = newAction();
    await stores.actions.create(action);
    await expect(completeUpload(stores, caller, action.actionId, [])).rejects.toMatchObject({
      code: 'illegal_transition',
    });
  });

  test('GIVEN another account WHEN it completes the upload THEN there is no such action', async () => {
    const { action, parts } = await uploaded();
    const stranger = { ...caller, accountId: 'other' };
    await expect(completeUpload(stores, stranger, action.actionId, parts)).rejects.toMatchObject({ code: 'not_found' });
  });
});
