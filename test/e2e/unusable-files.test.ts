import { describe, expect, it } from 'vitest';
import { RollcallClient, type SheetFile } from '../support/client.ts';
import { expectConserved } from '../support/conservation.ts';
import { facilities, facilityHeaders, facilitySheet } from '../support/facilities.ts';
import { newReference } from '../support/references.ts';
import { csvFile, delimited, jsonFile, xlsxFile } from '../support/sheet-files.ts';
import { sharedStack } from '../support/stack-address.ts';

const client = new RollcallClient(sharedStack());
const processName = 'facilityCreation';
const sheet = facilitySheet(facilities(40));

function fileOf(content: string | Buffer): SheetFile {
  return { fileName: 'sheet.csv', content: Buffer.from(content) };
}

/** A zip with one stored file that is no workbook. */
function zipOfJunk(): Buffer {
  const name = Buffer.from('junk.bin');
  const content = Buffer.from('junk');
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt32LE(0x3bb935c6, 14);
  local.writeUInt32LE(content.length, 18);
  local.writeUInt32LE(content.length, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt32LE(0x3bb935c6, 16);
  central.writeUInt32LE(content.length, 20);
  central.writeUInt32LE(content.length, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + content.length, 16);
  return Buffer.concat([local, name, content, central, name, end]);
}

describe('GIVEN a file that is no sheet', () => {
  it.each([
    { name: 'white space', code: 'empty_sheet', file: async () => fileOf(' \n \n') },
    { name: 'a header alone', code: 'no_rows', file: async () => fileOf(`${facilityHeaders.join()}\n`) },
    { name: 'a PDF', code: 'unsupported_format', file: async () => fileOf('%PDF-1.7\n%âãÏÓ\n1 0 obj') },
    { name: 'a web page', code: 'unsupported_format', file: async () => fileOf('<!doctype html><table></table>') },
    { name: 'a zip of junk', code: 'unsupported_format', file: async () => fileOf(zipOfJunk()) },
    {
      name: 'random bytes',
      code: 'unsupported_format',
      file: async () => fileOf(Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7_919) % 251))),
    },
    {
      name: 'half a workbook',
      code: 'broken_xlsx',
      file: async () => {
        const { content } = await xlsxFile(sheet);
        return fileOf(content.subarray(0, content.length / 2));
      },
    },
    {
      name: 'half a JSON array',
      code: 'broken_json',
      file: async () => fileOf(jsonFile(sheet).content.subarray(0, 900)),
    },
    { name: 'an empty JSON array', code: 'no_rows', file: async () => fileOf('[]') },
  ])('WHEN it is $name THEN the action fails, says so ($code), and blocks nobody', async ({ code, file }) => {
    const referenceId = newReference();
    const actionId = await client.submit({ referenceId, processName }, await file());
    const { action, report } = await expectConserved(client, actionId);
    expect(action).toMatchObject({ status: 'failed', problem: { code }, counts: { created: 0 } });
    expect(action.problem?.detail).toMatch(/\w{3}/);
    expect(report.summary).toMatchObject({ problem: { code } });

    const next = await client.submit({ referenceId, processName }, csvFile(facilitySheet(facilities(1))));
    expect((await expectConserved(client, next)).action).toMatchObject({ status: 'completed', counts: { created: 1 } });
  });
});

describe('GIVEN a sheet that breaks off in the middle', () => {
  it('WHEN a quote is never closed THEN what was read is reported and nothing is created', async () => {
    const broken = fileOf(`${delimited(sheet)}"Never closed,Warehouse,Permanent,1,B-01,Active\n`);
    const actionId = await client.submit({ referenceId: newReference(), processName, onInvalidRow: 'skip' }, broken);
    const { action } = await expectConserved(client, actionId);
    expect(action).toMatchObject({ status: 'failed', problem: { code: 'unclosed_quote' }, counts: { created: 0 } });
    expect(action.problem?.detail).toMatch(/42/);
  });
});
