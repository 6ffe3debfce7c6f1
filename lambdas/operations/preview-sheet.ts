import type { Caller } from '../model/account.ts';
import type { ActionProblem } from '../model/action.ts';
import type { CreatePreview, PreviewView } from '../model/api/previews.ts';
import type { ColumnMapping } from '../model/column-mapping.ts';
import type { HeaderProposal } from '../model/preview.ts';
import { ProblemError } from '../model/problem.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { mappingOf, proposeColumns } from '../processes/propose-columns.ts';
import { createRowReader } from '../processes/validate-row.ts';
import { headersMayGrow } from '../sheets/sheet-format.ts';
import { readSample, type SheetSample } from '../sheets/sheet-sample.ts';
import { headerProblem, headerWarnings } from '../steps/check-headers.ts';
import type { Relations } from '../steps/judge-rows.ts';
import { type EntityStores, openRelations } from '../steps/open-relations.ts';
import { checkColumns } from './check-columns.ts';
import { knownProcess } from './find-process.ts';
import { countRows, fitting, judgeSample } from './judge-sample.ts';
import { findSource, type PreviewStores } from './preview-source.ts';

/** Rows that are looked at. */
const previewRows = 100;

/** Ids of what would be created follow from the action; here there is none, and they are not answered. */
const noAction = 'preview';

type Stores = PreviewStores & EntityStores;

/** What is asked about the sample. */
interface Question {
  readonly process: ProcessDefinition;
  /** What the caller says of the headers. */
  readonly columns: ColumnMapping | undefined;
  readonly clearEmpty: boolean;
}

/**
 * Reads the first rows of a sheet and answers what it is, what its headers probably mean, and what its rows would give
 * if they meant that. Creates nothing; bounded in what it reads, whatever the size of the sheet.
 */
export async function previewSheet(stores: Stores, caller: Caller, body: CreatePreview): Promise<PreviewView> {
  const named = body.processName === undefined ? undefined : knownProcess(body.processName);
  if (named) checkColumns(named, body.columns);
  const { bytes, cut, action } = await findSource(stores, caller, body);
  const process = named ?? knownProcess(action?.processName ?? '');
  const columns = body.columns ?? action?.columns;
  checkColumns(process, columns);
  const sheetName = body.sheetName ?? action?.sheetName;
  const sample = await readSample(bytes, { rows: previewRows, sheetName, cut });
  refuseCutWorkbook(sample, cut);
  const relations = await openRelations(stores, { accountId: caller.accountId, actionId: noAction }, process);
  const clearEmpty = body.clearEmpty ?? action?.clearEmpty ?? false;
  return answer(sample, { process, columns, clearEmpty }, relations);
}

/** The directory of a workbook stands at its end. */
function refuseCutWorkbook({ problem }: SheetSample, cut: boolean): void {
  if (!cut || problem?.code !== 'broken_xlsx') return;
  const detail = 'The beginning of a workbook does not tell what is in it. Send `fileName` and `size`, and upload it.';
  throw new ProblemError('invalid_request', detail, {
    errors: [{ in: 'body', path: 'sample', expected: 'all of a workbook', received: 'its beginning' }],
  });
}

async function answer(
  sample: SheetSample,
  { process, columns: given, clearEmpty }: Question,
  relations: Relations,
): Promise<PreviewView> {
  const { sheet, records, complete } = sample;
  const headers = proposeColumns(process, sheet?.headers ?? [], given);
  const columns = mappingOf(headers);
  const reader = createRowReader(process, sheet?.headers ?? [], { ...columns, ...given }, clearEmpty);
  const unreadable = sheet && headerProblem({ process, reader, headers: sheet.headers, mayGrow: mayGrow(sample) });
  const rows = unreadable ? [] : await judgeSample(records, { process, reader, relations });
  const problem = sample.problem ? sheetProblem(sample.problem) : unreadable;
  return {
    processName: process.name,
    ...(sheet && { sheet: foundSheet(sheet) }),
    headers: headers.map(viewProposal),
    columns: { ...columns },
    missing: [...reader.missing],
    rows: { read: records.length, ...countRows(rows), complete },
    items: fitting(rows),
    ...(problem && { problem }),
    warnings: headerWarnings(process, reader),
  };
}

/** Whether rows that were not read may bring further headers. */
function mayGrow({ sheet, complete }: SheetSample): boolean {
  return sheet !== undefined && !complete && headersMayGrow(sheet.format);
}

function viewProposal({ alternatives, ...proposal }: HeaderProposal): PreviewView['headers'][number] {
  return { ...proposal, ...(alternatives && { alternatives: alternatives.map((each) => ({ ...each })) }) };
}

function sheetProblem({ code, message }: NonNullable<SheetSample['problem']>): ActionProblem {
  return { code, detail: message };
}

function foundSheet({ format, encoding, delimiter, sheetName, sheetNames }: NonNullable<SheetSample['sheet']>) {
  return {
    format,
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(sheetName !== undefined && { sheetName }),
    ...(sheetNames && { sheetNames: [...sheetNames] }),
  };
}
