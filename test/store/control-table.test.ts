import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStores, type TestStores } from '../support/stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await startTestStores();
  for (const sk of ['A#1', 'B#1', 'B#2', 'B#3']) await stores.control.put({ pk: 'P', sk });
});
afterAll(() => stores.stop());

async function sortKeys(prefix?: string): Promise<string[]> {
  const pages = await Array.fromAsync(stores.control.list<{ sk: string }>('P', prefix));
  return pages.flat().map(({ sk }) => sk);
}

const query = {
  KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
  ExpressionAttributeValues: { ':pk': 'P', ':prefix': 'B#' },
};
const page = (cursor?: string) => stores.control.page<{ sk: string }>(query, 2, cursor, ['pk', 'P']);
const cursorAt = (key: object) => Buffer.from(JSON.stringify(key)).toString('base64url');

describe('GIVEN a partition', () => {
  it('WHEN it is listed THEN all is there, or what has the prefix', async () => {
    expect(await sortKeys()).toEqual(['A#1', 'B#1', 'B#2', 'B#3']);
    expect(await sortKeys('B#')).toEqual(['B#1', 'B#2', 'B#3']);
  });

  it('WHEN it is read page by page THEN each page goes on where the last one ended', async () => {
    const first = await page();
    expect(first.items.map(({ sk }) => sk)).toEqual(['B#1', 'B#2']);
    expect((await page(first.cursor)).items.map(({ sk }) => sk)).toEqual(['B#3']);
  });

  it.each([
    { name: 'of another partition', cursor: cursorAt({ pk: 'Q', sk: 'B#1' }) },
    { name: 'without a sort key', cursor: cursorAt({ pk: 'P' }) },
    { name: 'with an empty sort key', cursor: cursorAt({ pk: 'P', sk: '' }) },
    { name: 'with more than a key', cursor: cursorAt({ pk: 'P', sk: 'B#1', more: 'x' }) },
    { name: 'with a sort key that is none', cursor: cursorAt({ pk: 'P', sk: { S: 'B#1' } }) },
    { name: 'with a sort key longer than any', cursor: cursorAt({ pk: 'P', sk: `B#${'x'.repeat(1_024)}` }) },
    { name: 'that is no JSON', cursor: 'B#1' },
  ])('WHEN a cursor $name comes THEN it is refused as the mistake of whoever sent it', async ({ cursor }) => {
    await expect(page(cursor)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
