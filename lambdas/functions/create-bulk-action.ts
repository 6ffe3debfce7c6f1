import type { BulkAction } from '../model/action.ts';
import type { CreateBulkAction } from '../model/api.ts';
import { createBulkAction } from '../operations/create-bulk-action.ts';
import { knownProcess } from '../operations/find-process.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { idempotencyKeyOf } from '../runtime/idempotency-key.ts';
import { IdempotencyStore } from '../store/idempotency-store.ts';
import { openAccounts, openBucket, openControl, openSchedules } from '../store/open-stores.ts';

const environment = readEnvironment('create-bulk-action');
const { control, schedules, ...stores } = {
  ...openControl(environment),
  ...openSchedules(environment),
  ...openBucket(environment),
  ...openAccounts(environment),
};
const idempotency = new IdempotencyStore(control);
const scheduled = {
  functionArn: environment.SCHEDULED_FUNCTION_ARN,
  roleArn: environment.SCHEDULE_ROLE_ARN,
  deadLettersArn: environment.UNSTARTED_QUEUE_ARN,
};
const scheduleStart = (action: BulkAction) => schedules.create(action, action.startAt as string, scheduled);
const limits = {
  maxUploadBytes: environment.MAX_UPLOAD_BYTES,
  singleUploadBytes: environment.SINGLE_UPLOAD_BYTES,
  uploadPartBytes: environment.UPLOAD_PART_BYTES,
  uploadExpirySeconds: environment.UPLOAD_EXPIRY_SECONDS,
  maxInlineRecords: environment.MAX_INLINE_RECORDS,
  idempotencyDays: environment.IDEMPOTENCY_DAYS,
};

/** POST /api/bulk-actions: an action for a sheet to upload, or for records that came along. */
export const handler = httpHandler('create-bulk-action', {
  createBulkAction: async ({
    caller,
    limits: accountLimits,
    body,
    headers,
  }: HttpRequest<unknown, unknown, CreateBulkAction>) => {
    const process = knownProcess(body.processName);
    const submission = { caller, accountLimits, body, process, idempotencyKey: idempotencyKeyOf(headers) };
    const { action, upload, quotas } = await createBulkAction(
      { ...stores, idempotency, scheduleStart },
      submission,
      limits,
    );
    const { actionId, status } = action;
    return {
      status: body.fileName === undefined ? 202 : 201,
      headers: { location: `/api/bulk-actions/${actionId}` },
      body: { actionId, status, ...(upload && { upload }) },
      ...(quotas && { quotas }),
    };
  },
});
