import { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type FixtureStack, startFixture } from './support/fixture-stack.ts';

let stack: FixtureStack;

beforeAll(async () => {
  stack = await startFixture('events', { logTo: 'none' });
});
afterAll(() => stack.stop());

async function recorded(id: string): Promise<Array<Record<string, unknown>>> {
  return (await stack.items(`event#${id}`)).map(({ event = '' }) => JSON.parse(event));
}

describe('objects', () => {
  test('GIVEN a rule for a prefix WHEN an object is put THEN its event has the shape of EventBridge, the key not encoded', async () => {
    const key = 'inbox/ä +&=100%/sheet one.csv';
    await stack.call('putObject', { key, body: 'a,b\n1,2\n' });
    await stack.waitUntilIdle();
    expect(await recorded(key)).toMatchObject([
      {
        version: '0',
        source: 'aws.s3',
        'detail-type': 'Object Created',
        account: '000000000000',
        region: 'us-east-1',
        resources: [`arn:aws:s3:::${stack.nameOf('Bucket')}`],
        detail: {
          version: '0',
          bucket: { name: stack.nameOf('Bucket') },
          object: { key, size: 8, etag: expect.stringMatching(/^[0-9a-f]{32}$/) },
          reason: 'PutObject',
        },
      },
    ]);
  });

  test('GIVEN an object elsewhere WHEN it is put THEN no event is delivered', async () => {
    await stack.call('putObject', { key: 'other/sheet.csv', body: 'x' });
    await stack.waitUntilIdle();
    expect(await recorded('other/sheet.csv')).toEqual([]);
  });

  test('GIVEN a key that would leave the bucket WHEN it is put THEN it is refused', async () => {
    const response = await fetch(`${stack.endpoints.s3}/${stack.nameOf('Bucket')}/a/%2E%2E/%2E%2E/x`, {
      method: 'PUT',
      body: 'x',
    });
    expect(response.ok).toBe(false);
  });
});

describe('uploads by form', () => {
  async function upload(key: string, body: string, formKey = key) {
    const client = new S3Client({
      endpoint: stack.endpoints.s3,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const { url, fields } = await createPresignedPost(client, {
      Bucket: stack.nameOf('Bucket'),
      Key: key,
      Conditions: [['content-length-range', 1, 10]],
      Expires: 60,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, key: formKey })) form.append(name, value);
    form.append('file', new Blob([body]), 'sheet.csv');
    return fetch(url, { method: 'POST', body: form, headers: { origin: 'https://console.example' } });
  }

  test('GIVEN a policy WHEN an upload keeps to it THEN it is stored, with one event and leave for the browser', async () => {
    const response = await upload('inbox/form.csv', '1234567890');
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://console.example',
    ]);
    await stack.waitUntilIdle();
    expect(await recorded('inbox/form.csv')).toHaveLength(1);
  });

  test.each([
    ['larger than agreed', 'inbox/large.csv', '12345678901', 'inbox/large.csv', 400, 'EntityTooLarge'],
    ['empty', 'inbox/empty.csv', '', 'inbox/empty.csv', 400, 'EntityTooSmall'],
    ['for another key', 'inbox/mine.csv', '1', 'inbox/yours.csv', 403, 'AccessDenied'],
  ])('GIVEN a policy WHEN an upload is %s THEN it is refused', async (_what, key, body, formKey, status, code) => {
    const response = await upload(key, body, formKey);
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(code)]);
    await stack.waitUntilIdle();
    expect(await recorded(formKey)).toEqual([]);
  });
});

describe('the bus', () => {
  test('GIVEN a rule WHEN an event is put through the SDK THEN its function gets it', async () => {
    await stack.call('putEvent', { id: 'by-sdk' });
    await stack.waitUntilIdle();
    expect(await recorded('by-sdk')).toMatchObject([
      { source: 'fixture', 'detail-type': 'made', detail: { id: 'by-sdk' } },
    ]);
  });

  test('GIVEN a rule for a state machine WHEN a matching event comes THEN an execution runs with it as input', async () => {
    await stack.putEvent({ source: 'fixture', detailType: 'run', detail: { key: 'k' } });
    await stack.waitUntilIdle();
    const messages = await eventually(async () => {
      const response = await fetch(`${stack.endpoints.sqs}/_fauxqs/queues/${stack.nameOf('Events')}`);
      const { messages: found } = (await response.json()) as { messages: { ready: Array<{ body: string }> } };
      expect(found.ready.length).toBeGreaterThan(0);
      return found.ready.map(({ body }) => JSON.parse(body));
    });
    expect(messages).toContainEqual(
      expect.objectContaining({
        'detail-type': 'Step Functions Execution Status Change',
        detail: expect.objectContaining({ status: 'SUCCEEDED', input: expect.stringContaining('"key":"k"') }),
      }),
    );
  });

  test('GIVEN a target that always fails WHEN its retries are used up THEN the delivery ends and is reported', async () => {
    await stack.putEvent({ source: 'fixture', detailType: 'made', detail: { fails: true } });
    await stack.waitUntilIdle();
    expect(stack.reports).toContainEqual(expect.stringMatching(/failed for good: Error: never \(after 2 attempts\)/));
  });
});
