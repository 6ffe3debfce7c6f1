import { parse } from 'csv-parse/sync';
import ExcelJS from 'exceljs';
import type { z } from 'zod';
import type { reportSchema } from '../../lambdas/model/api.ts';
import type { RollcallClient } from './client.ts';
import type { Sheet } from './sheet-files.ts';

/** Everything that an action's report consists of, downloaded and parsed by other means than the product's. */
export interface Report {
  /** Absent when the sheet could not be read at all. */
  readonly full?: Sheet;
  /** The bytes of `full`, to upload again as they are. */
  readonly file?: Buffer;
  /** The records of the full report, where it is one of JSON. */
  readonly records?: readonly Record<string, unknown>[];
  readonly failed?: Sheet;
  /** The bytes of `failed`, to upload again as they are. */
  readonly failedFile?: Buffer;
  readonly revived?: Sheet;
  readonly summary: Record<string, unknown>;
}

export async function fetchReport(client: RollcallClient, actionId: string): Promise<Report> {
  const links = await client.read<z.infer<typeof reportSchema>>(`/api/bulk-actions/${actionId}/report`);
  const failedFile = links.failed === undefined ? undefined : await bytesOf(links.failed);
  return {
    ...(links.report !== undefined && (await parsed(links.report))),
    ...(failedFile && { failedFile, failed: fromDelimited(failedFile) }),
    ...(links.revived !== undefined && { revived: (await parsed(links.revived)).full }),
    summary: JSON.parse(String(await bytesOf(links.summary))),
  };
}

async function parsed(url: string): Promise<Required<Pick<Report, 'full' | 'file'>> & Pick<Report, 'records'>> {
  const file = await bytesOf(url);
  const format = /\.(\w+)$/.exec(new URL(url).pathname)?.[1];
  if (format === 'xlsx') return { full: await fromXlsx(file), file };
  if (format !== 'json' && format !== 'ndjson') return { full: fromDelimited(file), file };
  const text = format === 'json' ? String(file) : `[${String(file).trim().split('\n').join(',')}]`;
  const records = JSON.parse(text);
  return { full: fromRecords(records), file, records };
}

async function bytesOf(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The report's link answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** The report's own columns come last, so what stands before the first of them is the delimiter. */
function fromDelimited(bytes: Buffer): Sheet {
  const delimiter = /(.)#status#/s.exec(String(bytes))?.[1] ?? ',';
  const [headers = [], ...rows] = parse(bytes, { bom: true, delimiter }) as string[][];
  return { headers, rows };
}

/** A record need not have all keys; those of the report come last, as they do in other formats. */
function fromRecords(records: readonly Record<string, unknown>[]): Sheet {
  const keys = [...new Set(records.flatMap(Object.keys))];
  const isOurs = (key: string) => /^#.*#$/.test(key);
  const headers = [...keys.filter((key) => !isOurs(key)), ...keys.filter(isOurs)];
  return { headers, rows: records.map((record) => headers.map((header) => cellText(record[header]))) };
}

/** A value as it stands in a sheet's cell. */
function cellText(value: unknown): string {
  if (Array.isArray(value)) return value.map(cellText).join(',');
  return typeof value === 'object' && value ? JSON.stringify(value) : String(value ?? '');
}

async function fromXlsx(bytes: Buffer): Promise<Sheet> {
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(bytes as unknown as ArrayBuffer);
  const lines: string[][] = [];
  const worksheet = workbook.worksheets[0];
  worksheet?.eachRow((row) => {
    lines.push(Array.from({ length: worksheet.columnCount }, (_, index) => row.getCell(index + 1).text));
  });
  const [headers = [], ...rows] = lines;
  return { headers, rows };
}
