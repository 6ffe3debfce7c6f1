import type { Readable } from 'node:stream';
import type { FoundEncoding } from './detect-encoding.ts';
import { LineCounter, toUtf8 } from './encoding.ts';
import { elementTooLarge, type JsonElement, JsonElementSplitter } from './json-elements.ts';
import { JsonRecords } from './json-records.ts';
import { RecordBatch } from './record-batch.ts';
import {
  maxRecordBytes,
  type OpenSheet,
  type SheetFormat,
  type SheetLimits,
  type SheetRecord,
  type SheetSource,
} from './sheet.ts';

type Elements = AsyncGenerator<JsonElement[]>;

/** Opens a JSON array. Its elements are cut apart here and parsed one by one, whatever the size of the array. */
export function openJson(source: SheetSource, encoding: FoundEncoding, limits: SheetLimits): Promise<OpenSheet> {
  return open('json', source, encoding, limits, arrayElements);
}

/** Opens NDJSON: one object a line. Blank lines are passed over. */
export function openNdjson(source: SheetSource, encoding: FoundEncoding, limits: SheetLimits): Promise<OpenSheet> {
  return open('ndjson', source, encoding, limits, lineElements);
}

async function open(
  format: SheetFormat,
  source: SheetSource,
  encoding: FoundEncoding,
  limits: SheetLimits,
  split: (utf8: AsyncIterable<Buffer>) => Elements,
): Promise<OpenSheet> {
  const bytes: Readable = await source.open();
  const records = new JsonRecords(limits);
  return {
    format,
    get encoding() {
      return encoding.name;
    },
    headers: records.headers,
    batches: readBatches(split(toUtf8(bytes, encoding, new LineCounter())), records, limits),
    close: async () => {
      bytes.destroy();
    },
  };
}

async function* readBatches(
  elements: Elements,
  records: JsonRecords,
  limits: SheetLimits,
): AsyncGenerator<SheetRecord[]> {
  const batch = new RecordBatch(limits);
  let rowNumber = 0;
  for await (const some of elements) {
    for (const { text, line } of some) {
      rowNumber += 1;
      batch.add(records.record(text, rowNumber, line));
      if (batch.isFull) yield batch.take();
    }
  }
  if (!batch.isEmpty) yield batch.take();
}

async function* arrayElements(utf8: AsyncIterable<Buffer>): Elements {
  const splitter = new JsonElementSplitter();
  for await (const chunk of utf8) yield splitter.add(chunk);
  splitter.end();
}

async function* lineElements(utf8: AsyncIterable<Buffer>): Elements {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let count = 0;
  for await (const chunk of utf8) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const elements: JsonElement[] = [];
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      const text = bytes.toString('utf8', start, end);
      if (text.trim() !== '') elements.push({ text, line });
      start = end + 1;
      line += 1;
    }
    rest = bytes.subarray(start);
    count += elements.length;
    if (rest.length > maxRecordBytes) throw elementTooLarge(count + 1, line);
    yield elements;
  }
  if (rest.toString().trim() !== '') yield [{ text: rest.toString(), line }];
}
