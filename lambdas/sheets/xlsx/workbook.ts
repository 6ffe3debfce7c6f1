import { posix } from 'node:path';
import { SheetError } from '../sheet-error.ts';
import { unsupportedFormat } from '../sheet-format.ts';
import { readXml, spreadsheetNamespaces, type XmlAttributes } from './xml-part.ts';
import type { ZipArchive } from './zip-archive.ts';

export interface Worksheet {
  name: string;
  hidden: boolean;
  /** Name of its part in the zip. */
  part: string;
}

export interface Workbook {
  /** Days are counted from 1904-01-01, as old Macs did. */
  date1904: boolean;
  /** In the order of their tabs, without chart sheets. */
  worksheets: Worksheet[];
  sharedStringsPart?: string;
  stylesPart?: string;
}

interface Relationship {
  id: string;
  /** Last segment of its type, which is the same in strict and transitional files: `worksheet`, `styles`, … */
  type: string;
  part: string;
}

const packageNamespaces: ReadonlySet<string> = new Set([
  'http://schemas.openxmlformats.org/package/2006/relationships',
]);
const yes = new Set(['1', 'true', 'on']);

/** What else comes as a zip, by a part that only it has. */
const foreignParts: readonly [string, string][] = [
  ['xl/workbook.bin', 'a binary workbook (.xlsb)'],
  ['content.xml', 'an OpenDocument file (.ods)'],
  ['word/document.xml', 'a Word document'],
  ['ppt/presentation.xml', 'a presentation'],
  ['Index/Document.iwa', 'an Apple Numbers or Pages document'],
];

/** @throws SheetError when the zip is no workbook. */
export async function readWorkbook(archive: ZipArchive): Promise<Workbook> {
  const foreign = foreignParts.find(([part]) => archive.has(part));
  if (foreign !== undefined) throw unsupportedFormat(foreign[1]);
  const roots = await readRelationships(archive, '');
  const part = roots.find(({ type }) => type === 'officeDocument')?.part ?? 'xl/workbook.xml';
  if (!archive.has(part)) throw unsupportedFormat('a zip file without a workbook in it');
  const relationships = await readRelationships(archive, part);
  const { date1904, sheets } = await readSheetList(archive, part);
  const partOf = (type: string) => relationships.find((relationship) => relationship.type === type)?.part;
  const worksheets = sheets.flatMap(({ name, hidden, id }) => {
    const target = relationships.find((relationship) => relationship.id === id);
    return target?.type === 'worksheet' ? [{ name, hidden, part: target.part }] : [];
  });
  const sharedStringsPart = partOf('sharedStrings');
  const stylesPart = partOf('styles');
  return {
    date1904,
    worksheets,
    ...(sharedStringsPart === undefined ? {} : { sharedStringsPart }),
    ...(stylesPart === undefined ? {} : { stylesPart }),
  };
}

/** The sheet of that name, else the first that isn't hidden. @throws SheetError that lists what there is. */
export function chooseWorksheet(worksheets: readonly Worksheet[], name?: string): Worksheet {
  const chosen = worksheets.find((sheet) => (name === undefined ? !sheet.hidden : sheet.name === name));
  if (chosen !== undefined) return chosen;
  const names = worksheets.map((sheet) => `"${sheet.name}"`).join(', ') || 'none';
  const reason = name === undefined ? 'The workbook has no visible sheet' : `The workbook has no sheet "${name}"`;
  throw new SheetError('unknown_sheet', `${reason}. Its sheets: ${names}.`);
}

async function readSheetList(
  archive: ZipArchive,
  part: string,
): Promise<{ date1904: boolean; sheets: { name: string; hidden: boolean; id: string }[] }> {
  let date1904 = false;
  const sheets: { name: string; hidden: boolean; id: string }[] = [];
  await readXml(part, archive.read(part), spreadsheetNamespaces, {
    open(name, attributes) {
      if (name === 'workbookPr') date1904 = yes.has(attributes.date1904?.value ?? '');
      if (name !== 'sheet') return;
      const state = attributes.state?.value ?? 'visible';
      sheets.push({
        name: attributes.name?.value ?? '',
        hidden: state !== 'visible',
        id: relationshipId(attributes),
      });
    },
  });
  return { date1904, sheets };
}

/** The `r:id` of an element, whatever the prefix, in strict and transitional files. */
function relationshipId(attributes: XmlAttributes): string {
  const found = Object.values(attributes).find(({ local, uri }) => local === 'id' && uri.endsWith('/relationships'));
  return found?.value ?? '';
}

async function readRelationships(archive: ZipArchive, part: string): Promise<Relationship[]> {
  const folder = posix.dirname(part);
  const relationshipsPart = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  if (!archive.has(relationshipsPart)) return [];
  const relationships: Relationship[] = [];
  await readXml(relationshipsPart, archive.read(relationshipsPart), packageNamespaces, {
    open(name, { Id, Type, Target, TargetMode }) {
      if (name !== 'Relationship' || !Id || !Type || !Target || TargetMode?.value === 'External') return;
      const type = Type.value.slice(Type.value.lastIndexOf('/') + 1);
      relationships.push({ id: Id.value, type, part: resolvePart(folder, Target.value) });
    },
  });
  return relationships;
}

function resolvePart(folder: string, target: string): string {
  return posix.resolve('/', folder, target).slice(1);
}
