import type { CreatePreview } from '../../model/api/previews.ts';
import type { CreateWebhook } from '../../model/api/webhooks.ts';
import type { CreateBulkAction } from '../../model/api.ts';

/** Lifelike request bodies by operation, each under a name. */
export const requestExamples: Readonly<Record<string, Readonly<Record<string, { summary: string; value: unknown }>>>> =
  {
    createBulkAction: {
      sheet: {
        summary: 'A sheet to upload',
        value: {
          referenceId: 'cmp-123',
          processName: 'facilityCreation',
          fileName: 'facilities.xlsx',
          size: 183_442,
        } satisfies CreateBulkAction,
      },
      records: {
        summary: 'Records that come along; invalid ones are skipped',
        value: {
          referenceId: 'cmp-123',
          processName: 'campaignCreation',
          onInvalidRow: 'skip',
          records: [
            { pvarId: 'PVAR-2026-09-04-000123', boundaryCode: 'NPL-ERT-NMP; NPL-ERT-ALU', target: '50000' },
            { pvarId: 'PVAR-2026-09-04-000124', boundaryCode: 'NPL-ERT-NMP', productName: 'Bednet, family size' },
          ],
        } satisfies CreateBulkAction,
      },
    },
    createWebhook: {
      trouble: {
        summary: 'To hear of what did not go well',
        value: {
          url: 'https://example.org/rollcall',
          events: ['failed', 'completed_with_failures'],
          description: 'The on-call channel',
        } satisfies CreateWebhook,
      },
    },
    previewSheet: {
      beginning: {
        summary: 'The beginning of a sheet, as base64',
        value: {
          processName: 'contactUpsert',
          sample: 'RS1tYWlsO0ZhbWlseSBuYW1lCmFtaW5hQGV4YW1wbGUub3JnO01hY3XDoWN1YQo=',
          size: 48_211,
        } satisfies CreatePreview,
      },
      upload: {
        summary: 'A workbook that is to be uploaded for it',
        value: { processName: 'contactUpsert', fileName: 'contacts.xlsx', size: 5_183_442 } satisfies CreatePreview,
      },
      uploaded: {
        summary: 'The workbook once it is uploaded, read by columns',
        value: {
          processName: 'contactUpsert',
          previewId: '0f8fad5b-d9cb-469f-a165-70867728950e',
          columns: { 'E-mail': 'email', 'Internal note': null },
        } satisfies CreatePreview,
      },
    },
    completeUpload: {
      parts: {
        summary: 'Two parts and the ETags that S3 answered with',
        value: {
          parts: [
            { partNumber: 1, etag: '"5d41402abc4b2a76b9719d911017c592"' },
            { partNumber: 2, etag: '"7d793037a0760186574b0282f2f435e7"' },
          ],
        },
      },
    },
  };
