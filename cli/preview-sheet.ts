import type { ApiClient } from './api-client.ts';
import type { CreatePreview, OfferedPreview, PreviewView } from './api-types.ts';
import type { SheetFile } from './sheet-file.ts';
import { uploadSheet } from './upload-sheet.ts';

/** Of text its beginning tells enough. */
const beginningBytes = 256 * 1024;
/** A workbook has to be whole; above this it is uploaded rather than sent along. */
const sentAlongBytes = 2 * 1024 ** 2;

/** What a sheet is to be read as. */
export type Reading = Pick<CreatePreview, 'processName' | 'sheetName' | 'columns' | 'clearEmpty'>;

/** Asks what the sheet would give. Of text only the beginning leaves this machine. */
export async function previewSheet(
  api: ApiClient,
  sheet: SheetFile,
  reading: Reading,
  signal: AbortSignal,
): Promise<PreviewView> {
  const isZip = (await bytesOf(sheet.content.slice(0, 2))).toString('latin1') === 'PK';
  const source =
    isZip && sheet.size > sentAlongBytes ? await upload(api, sheet, reading, signal) : await sample(sheet, isZip);
  return api.post<PreviewView>('/api/bulk-actions/preview', { ...reading, ...source }, { signal });
}

async function sample({ content, size }: SheetFile, whole: boolean): Promise<Pick<CreatePreview, 'sample' | 'size'>> {
  const bytes = await bytesOf(whole ? content : content.slice(0, beginningBytes));
  return { sample: bytes.toString('base64'), size };
}

async function upload(
  api: ApiClient,
  sheet: SheetFile,
  { processName }: Reading,
  signal: AbortSignal,
): Promise<Pick<CreatePreview, 'previewId'>> {
  const body = { processName, fileName: sheet.name, size: sheet.size } satisfies CreatePreview;
  const { previewId, upload } = await api.post<OfferedPreview>('/api/bulk-actions/preview', body, { signal });
  await uploadSheet(api, upload, sheet, { signal, onProgress: () => {} });
  return { previewId };
}

async function bytesOf(blob: Blob): Promise<Buffer> {
  return Buffer.from(await blob.arrayBuffer());
}
