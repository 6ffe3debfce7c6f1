import { describe, expect, test } from 'vitest';
import type { SheetSource } from '../../lambdas/sheets/sheet.ts';
import { readSample, sourceOf } from '../../lambdas/sheets/sheet-sample.ts';
import { csvFile, jsonFile, ndjsonFile, type Sheet, tsvFile, xlsxFile } from '../support/sheet-files.ts';
import { memorySource } from './sheets.ts';

const sheet: Sheet = {
  headers: ['name', 'note'],
  rows: Array.from({ length: 150 }, (_, index) => [`Row ${index}`, 'ä "quoted"\nline']),
};
const formats = [
  ['csv', csvFile],
  ['tsv', tsvFile],
  ['json', jsonFile],
  ['ndjson', ndjsonFile],
  ['xlsx', xlsxFile],
] as const;

/** A source that counts the bytes it gives out. */
function counting(content: Buffer): { source: SheetSource; given: () => number } {
  const { size, open } = memorySource(content);
  let given = 0;
  const source: SheetSource = {
    size,
    open: async (range) => {
      const stream = await open(range);
      stream.on('data', (chunk: Buffer) => {
        given += chunk.length;
      });
      return stream.pause();
    },
  };
  return { source, given: () => given };
}

describe('a sample', () => {
  test.each(formats)(
    'GIVEN a sheet (%s) WHEN its first rows are wanted THEN these come and no others',
    async (format, write) => {
      const { content } = await write(sheet);
      const sample = await readSample(sourceOf(content), { rows: 100, cut: false });
      expect(sample).toMatchObject({ sheet: { format, headers: sheet.headers }, complete: false });
      expect(sample.records.map(({ cells }) => cells)).toEqual(sheet.rows.slice(0, 100));
      const all = await readSample(sourceOf(content), { rows: 150, cut: false });
      expect(all).toMatchObject({ complete: true });
      expect(all.records).toHaveLength(150);
    },
  );

  test.each(formats.slice(0, 4))(
    'GIVEN the beginning of a sheet (%s) WHEN cut off anywhere THEN whole rows come, and no error of the cut',
    async (_, write) => {
      const { content } = await write({ ...sheet, rows: sheet.rows.slice(0, 9) });
      const start = Math.floor(content.length / 2);
      for (let end = start; end < start + 60; end++) {
        const sample = await readSample(sourceOf(content.subarray(0, end)), { rows: 100, cut: true });
        expect(sample.problem).toBeUndefined();
        expect(sample.complete).toBe(false);
        expect(sample.records.length).toBeGreaterThan(2);
        expect(sample.records.map(({ cells }) => cells)).toEqual(sheet.rows.slice(0, sample.records.length));
      }
    },
  );

  test('GIVEN a mistake in the middle of a sheet WHEN sampled THEN the rows before it come along with it', async () => {
    const broken = sourceOf(Buffer.from('name,note\nA,1\nB,2\n"C,3\n'));
    const sample = await readSample(broken, { rows: 100, cut: false });
    expect(sample.records.map(({ cells }) => cells[0])).toEqual(['A', 'B']);
    expect(sample.problem?.code).toBe('unclosed_quote');
  });

  test('GIVEN what is no sheet WHEN sampled THEN the answer is why', async () => {
    const sample = await readSample(sourceOf(Buffer.from('%PDF-1.7')), { rows: 100, cut: false });
    expect(sample).toEqual({
      records: [],
      complete: false,
      problem: expect.objectContaining({ code: 'unsupported_format' }),
    });
  });

  test('GIVEN a sheet of 50 MiB WHEN sampled THEN its beginning is all that is read', async () => {
    const line = `${'x'.repeat(1_000)},1\n`;
    const { source, given } = counting(Buffer.from(`name,note\n${line.repeat(50_000)}`));
    expect((await readSample(source, { rows: 100, cut: false })).records).toHaveLength(100);
    expect(given()).toBeLessThan(4 * 1024 ** 2);
  });

  test('GIVEN 50 MiB of blank lines after a row WHEN sampled THEN the reading ends all the same', async () => {
    const { source, given } = counting(Buffer.from(`name,note\nA,1\nB,2\n${'\n'.repeat(50 * 1024 ** 2)}`));
    const sample = await readSample(source, { rows: 100, cut: false });
    expect(sample.records.length).toBeGreaterThan(0);
    expect(sample.complete).toBe(false);
    expect(given()).toBeLessThan(10 * 1024 ** 2);
  });
});
