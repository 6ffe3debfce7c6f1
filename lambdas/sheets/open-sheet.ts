import { openCsv } from './csv-reader.ts';
import { decodeHead, detectEncoding } from './detect-encoding.ts';
import { openJson, openNdjson } from './json-reader.ts';
import { oleFileError } from './ole-file.ts';
import { defaultSheetLimits, type OpenSheet, type SheetLimits, type SheetRecord, type SheetSource } from './sheet.ts';
import { SheetError } from './sheet-error.ts';
import { isOle, isZip, refuseForeign, textFormat, unsupportedFormat } from './sheet-format.ts';
import { openXlsx } from './xlsx-reader.ts';

/** Enough to tell the format, the encoding and the delimiter; one read of a remote object. */
const headBytes = 256 * 1024;

/**
 * Opens a sheet of any format; which one it is, its content tells, not its name. The header and the first rows are read
 * at once, so that most of what can be wrong with a sheet is known here; the rest is read as a stream.
 * @throws SheetError when the sheet can't be read; errors of the source come through unchanged.
 */
export async function openSheet(
  source: SheetSource,
  options: { sheetName?: string; limits?: Partial<SheetLimits> } = {},
): Promise<OpenSheet> {
  const limits = { ...defaultSheetLimits, ...options.limits };
  const sheet = await openByContent(source, limits, options.sheetName);
  try {
    return await withFirstBatch(sheet);
  } catch (error) {
    await sheet.close();
    throw error;
  }
}

async function openByContent(source: SheetSource, limits: SheetLimits, sheetName?: string): Promise<OpenSheet> {
  const head = await readHead(source);
  if (head.length === 0) throw new SheetError('empty_sheet', 'The file is empty: it has no bytes at all.');
  if (isZip(head)) return openXlsx(source, limits, sheetName);
  if (isOle(head)) throw await oleFileError(source, head);
  refuseForeign(head);
  return openText(source, head, limits);
}

async function openText(source: SheetSource, head: Buffer, limits: SheetLimits): Promise<OpenSheet> {
  const encoding = detectEncoding(head);
  if (encoding === undefined) throw unsupportedFormat('binary data');
  const start = { encoding, sample: decodeHead(head, encoding.name) };
  if (head.length === source.size && start.sample.trim() === '') {
    throw new SheetError('empty_sheet', 'The file is empty: it holds nothing but white space.');
  }
  switch (textFormat(start.sample)) {
    case 'json':
      return openJson(source, encoding, limits);
    case 'ndjson':
      refuseSingleObject(start.sample);
      return openNdjson(source, encoding, limits);
    default:
      return openCsv(source, start, limits);
  }
}

/** An object spread over lines would fail on its first line as NDJSON, with a message that is of no use. */
function refuseSingleObject(sample: string): void {
  const [first = '', second] = sample.split('\n').filter((line) => line.trim() !== '');
  if (second === undefined || second.trim().startsWith('{') || isJson(first)) return;
  throw new SheetError(
    'single_object',
    'The file is one JSON object over several lines. Upload an array of objects, or one object a line.',
    { line: 1 },
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function readHead(source: SheetSource): Promise<Buffer> {
  const end = Math.min(source.size, headBytes);
  const chunks: Buffer[] = [];
  if (end > 0) for await (const chunk of await source.open({ start: 0, end })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A header without rows is a mistake of whoever uploads it, and one that is best told at once. */
async function withFirstBatch(sheet: OpenSheet): Promise<OpenSheet> {
  const batches = sheet.batches[Symbol.asyncIterator]();
  const first = await batches.next();
  if (first.done) throw new SheetError('no_rows', 'The sheet has no rows: nothing stands below the header.');
  // Not a copy: what is said of the sheet may still change.
  sheet.batches = preceded(first.value, batches);
  return sheet;
}

async function* preceded(first: SheetRecord[], rest: AsyncIterator<SheetRecord[]>): AsyncGenerator<SheetRecord[]> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
