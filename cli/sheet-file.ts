import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UnusableError } from './errors.ts';

/** A sheet on disk, looked at before anything is asked of the service. */
export interface SheetFile {
  readonly name: string;
  readonly size: number;
  /** The file's bytes, read from disk only where they are sent. */
  readonly content: Blob;
}

/** Throws UnusableError when there is no file, nothing in it, or no permission to read it. */
export async function openSheet(path: string): Promise<SheetFile> {
  const file = await lookAt(path);
  if (!file.isFile()) throw new UnusableError(`${path} is not a file`, 'Name a CSV, TSV, XLSX or JSON file.');
  if (file.size === 0) throw new UnusableError(`${path} is empty`, 'A sheet has a header row and at least one row.');
  return { name: basename(path), size: file.size, content: await openAsBlob(path) };
}

async function lookAt(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new UnusableError(`${path}: ${why}`, undefined, { cause: error });
  }
}
