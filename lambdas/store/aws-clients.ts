import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * One client of each kind a process, made at first use, so that a function pays only for what it talks to. Declared pure,
 * so that the bundler leaves out the clients that a function never asks for.
 */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * Eight attempts with the SDK's exponential backoff and jitter ride out some ten seconds of throttling; beyond that the
 * state machine or the queue tries again.
 */
const maxAttempts = 8;

export const dynamoClient = /* @__PURE__ */ once(() => {
  const client = new DynamoDBClient({ maxAttempts });
  // It prepares a log of each request and answer, row data and all, for a logger that there is not: a seventh of what a
  // bulk write costs this side.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
});

export const documentClient = /* @__PURE__ */ once(() =>
  DynamoDBDocumentClient.from(dynamoClient(), { marshallOptions: { removeUndefinedValues: true } }),
);

export const s3Client = /* @__PURE__ */ once(
  () =>
    new S3Client({
      maxAttempts,
      // An emulator answers on one host name; AWS itself prefers the bucket in the host.
      forcePathStyle: process.env.AWS_ENDPOINT_URL_S3 !== undefined || process.env.AWS_ENDPOINT_URL !== undefined,
      // A checksum in a presigned address would have to be sent by every client.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
);

export const sqsClient = /* @__PURE__ */ once(() => new SQSClient({ maxAttempts }));
export const schedulerClient = /* @__PURE__ */ once(() => new SchedulerClient({ maxAttempts }));
export const sfnClient = /* @__PURE__ */ once(() => new SFNClient({ maxAttempts }));
export const eventBridgeClient = /* @__PURE__ */ once(() => new EventBridgeClient({ maxAttempts }));
export const secretsClient = /* @__PURE__ */ once(() => new SecretsManagerClient({ maxAttempts }));
