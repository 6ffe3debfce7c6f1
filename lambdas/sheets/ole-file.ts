import type { SheetSource } from './sheet.ts';
import { SheetError } from './sheet-error.ts';
import { unsupportedFormat } from './sheet-format.ts';

/** Where the container's header keeps the sector size (as a power of two) and the first sector of its directory. */
const sectorShiftAt = 30;
const directorySectorAt = 48;
const headerBytes = 512;
/** The directory entries of a protected workbook all lie at its beginning. */
const directoryBytes = 4096;

/**
 * Says what is wrong with a file in Microsoft's old container: a password-protected workbook is kept in one, and an .xls
 * is one. Only the names in its directory tell them apart.
 */
export async function oleFileError(source: SheetSource, head: Buffer): Promise<SheetError> {
  const names = (await directoryOf(source, head)).toString('utf16le');
  if (/EncryptedPackage|EncryptionInfo/.test(names)) {
    return new SheetError(
      'encrypted_sheet',
      'The workbook is protected by a password. Take the password off in the spreadsheet program, save, and upload it again.',
    );
  }
  return unsupportedFormat('an old Excel workbook (.xls) or another old Office document');
}

async function directoryOf(source: SheetSource, head: Buffer): Promise<Buffer> {
  if (head.length < headerBytes) return Buffer.alloc(0);
  const sectorBytes = 2 ** Math.min(head.readUInt16LE(sectorShiftAt), 16);
  const start = (head.readUInt32LE(directorySectorAt) + 1) * sectorBytes;
  const end = Math.min(start + directoryBytes, source.size);
  if (start >= end) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  for await (const chunk of await source.open({ start, end })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
