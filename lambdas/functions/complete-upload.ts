import type { z } from 'zod';
import type { completeUploadSchema } from '../model/api.ts';
import { completeUpload } from '../operations/complete-upload.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openBucket, openControl } from '../store/open-stores.ts';

const environment = readEnvironment('complete-upload');
const stores = { ...openControl(environment), ...openBucket(environment) };

type CompleteRequest = HttpRequest<{ actionId: string }, unknown, z.infer<typeof completeUploadSchema>>;

/** POST /api/bulk-actions/{actionId}/upload/complete: all parts of the sheet are uploaded. */
export const handler = httpHandler('complete-upload', {
  completeUpload: async ({ caller, path, body }: CompleteRequest) => {
    const { actionId, status } = await completeUpload(stores, caller, path.actionId, body.parts);
    return { status: 202, body: { actionId, status } };
  },
});
