import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { customResourceHandler } from '../../lambdas/runtime/custom-resource-handler.ts';
import { lambdaContext } from './lambda-context.ts';
import { recordLogLines } from './log-lines.ts';

/** What CloudFormation's answer address was told. */
const answers: { contentType: string | undefined; body: unknown }[] = [];
let cloudFormation: Server;

beforeAll(async () => {
  cloudFormation = createServer(async (request, response) => {
    answers.push({ contentType: request.headers['content-type'], body: await json(request) });
    response.end();
  }).listen(0, '127.0.0.1');
  await once(cloudFormation, 'listening');
});
afterAll(() => {
  cloudFormation.close();
});
afterEach(() => {
  answers.length = 0;
  vi.restoreAllMocks();
});

function request(RequestType: string) {
  const { port } = cloudFormation.address() as AddressInfo;
  return {
    RequestType,
    ResponseURL: `http://127.0.0.1:${port}/answer`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'AdminKey',
    ResourceProperties: {},
    ...(RequestType !== 'Create' && { PhysicalResourceId: 'admin-key' }),
  };
}

describe('customResourceHandler', () => {
  test.each(['Create', 'Update'])('GIVEN %s WHEN provided THEN SUCCESS, without a content type', async (type) => {
    let provided = 0;
    const handler = customResourceHandler('seed-admin-key', 'admin-key', async () => {
      provided += 1;
    });
    await handler(request(type), lambdaContext());
    expect(provided).toBe(1);
    expect(answers).toEqual([
      {
        contentType: undefined,
        body: {
          Status: 'SUCCESS',
          PhysicalResourceId: 'admin-key',
          StackId: 'stack',
          RequestId: 'request',
          LogicalResourceId: 'AdminKey',
        },
      },
    ]);
  });

  test('GIVEN Delete WHEN asked THEN SUCCESS and nothing is touched', async () => {
    const handler = customResourceHandler('seed-admin-key', 'admin-key', () =>
      Promise.reject(new Error('must not run')),
    );
    await handler(request('Delete'), lambdaContext());
    expect(answers).toMatchObject([{ body: { Status: 'SUCCESS' } }]);
  });

  test('GIVEN a failure WHEN provided THEN FAILED is answered at once, the reason without the error’s text', async () => {
    recordLogLines('seed-admin-key');
    const handler = customResourceHandler('seed-admin-key', 'admin-key', () => Promise.reject(new Error('hunter2')));
    await handler(request('Create'), lambdaContext());
    expect(answers).toMatchObject([{ body: { Status: 'FAILED', Reason: expect.stringContaining('seed-admin-key') } }]);
    expect(JSON.stringify(answers)).not.toContain('hunter2');
  });
});
