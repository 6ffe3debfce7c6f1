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
    ...(links.report !== undefined && { full: await parsed(links.report) }),
    ...(failedFile && { failedFile, failed: fromDelimited(failedFile) }),
    ...(links.revived !== undefined && { revived: await parsed(links.revived) }),
    summary: JSON.parse(String(await bytesOf(links.summary))),
  };
}

async function parsed(url: string): Promise<Sheet> {
  const bytes = await bytesOf(url);
  const format = /\.(\w+)$/.exec(new URL(url).pathname)?.[1];
  if (format === 'xlsx') return fromXlsx(bytes);
  if (format === 'json') return fromRecords(JSON.parse(String(bytes)));
  if (format === 'ndjson')
    return fromRecords(
      String(bytes)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  return fromDelimited(bytes);
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

function fromRecords(records: readonly Record<string, string>[]): Sheet {
  const headers = Object.keys(records[0] ?? {});
  return { headers, rows: records.map((record) => headers.map((header) => record[header] ?? '')) };
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
