import { z } from 'zod';
import { findProcess } from '../processes/registry.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { eventHandler } from '../runtime/event-handler.ts';
import { createLogger } from '../runtime/logger.ts';
import { startAction } from '../steps/start-action.ts';
import { openAccounts, openBus, openControl, openExecutions } from '../store/open-stores.ts';

const environment = readEnvironment('start-action');
const stores = {
  ...openControl(environment),
  ...openAccounts(environment),
  ...openExecutions(environment),
  ...openBus(environment),
};
const context = {
  maxUploadBytes: environment.MAX_UPLOAD_BYTES,
  deadlineSeconds: environment.DEADLINE_SECONDS,
  processOf: findProcess,
};

/** EventBridge's `Object Created` detail; https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const objectCreatedSchema = z.object({
  object: z.object({ key: z.string(), size: z.number().default(0), etag: z.string().default('') }),
});

/** A sheet arrived in the bucket: its action starts. */
export const handler = eventHandler('start-action', objectCreatedSchema, async ({ detail }) => {
  const outcome = await startAction(stores, detail.object, context);
  createLogger('start-action').info('A sheet arrived', { outcome });
});
