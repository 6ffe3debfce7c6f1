import type { CreatePreview } from '../model/api/previews.ts';
import { previewSheet } from '../operations/preview-sheet.ts';
import { offerPreview } from '../operations/preview-source.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';
import { openBucket, openControl, openRegistry } from '../store/open-stores.ts';

const environment = readEnvironment('preview-sheet');
const stores = { ...openControl(environment), ...openBucket(environment), ...openRegistry(environment) };
const limits = {
  previewUploadBytes: environment.PREVIEW_UPLOAD_BYTES,
  uploadExpirySeconds: environment.UPLOAD_EXPIRY_SECONDS,
};

/** POST /api/bulk-actions/preview: what a sheet is and would give, or where to upload it to find out. */
export const handler = httpHandler('preview-sheet', {
  previewSheet: async ({ caller, body }: HttpRequest<unknown, unknown, CreatePreview>) => {
    if (body.fileName !== undefined) {
      return { status: 201, body: await offerPreview(stores.bucket, caller, body.size as number, limits) };
    }
    return { status: 200, body: await previewSheet(stores, caller, body) };
  },
});
