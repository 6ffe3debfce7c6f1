import type { ColumnMapping } from '../model/column-mapping.ts';
import type { HeaderProposal } from '../model/preview.ts';
import type { ProcessDefinition } from '../model/process.ts';
import { isReportColumn } from '../model/report-columns.ts';
import { columnsByName } from './assign-headers.ts';
import { similarity, wordsOf } from './header-similarity.ts';
import { exactHeader, normalizeHeader } from './headers.ts';

const leastScore = 0.6;
/** A header that means two columns about equally well means neither, until somebody says. */
const clearLead = 0.05;
const mostAlternatives = 3;

interface Guess {
  readonly index: number;
  readonly column: string;
  readonly score: number;
}

/**
 * What each header of a sheet probably means: as `given` says, else by name, by alias, or by being similar to one. No
 * column is proposed twice. Deterministic: the same headers give the same proposals.
 */
export function proposeColumns(
  process: ProcessDefinition,
  headers: readonly string[],
  given: ColumnMapping = {},
): readonly HeaderProposal[] {
  const own = headers.filter((header) => header.trim() !== '' && !isReportColumn(header));
  const proposals = new Map<number, HeaderProposal>();
  const taken = new Set(Object.values(given));
  proposeGiven(own, given, proposals);
  for (const confidence of ['exact', 'alias'] as const) {
    proposeNamed(process, own, { confidence, proposals, taken });
  }
  proposeSimilar(process, own, { proposals, taken });
  return own.map((header, index) => proposals.get(index) ?? { header, column: null, confidence: 'none', score: 0 });
}

/** The proposals as a mapping, under which a sheet is read as they say. */
export function mappingOf(proposals: readonly HeaderProposal[]): ColumnMapping {
  return Object.fromEntries(proposals.map(({ header, column }) => [exactHeader(header), column]));
}

function proposeGiven(headers: readonly string[], given: ColumnMapping, proposals: Map<number, HeaderProposal>): void {
  const said = new Map(Object.entries(given).map(([header, column]) => [exactHeader(header), column]));
  for (const [index, header] of headers.entries()) {
    const column = said.get(exactHeader(header));
    if (column !== undefined) proposals.set(index, { header, column, confidence: 'given', score: 1 });
  }
}

/** What has been proposed by now, and the columns that are no longer free. */
interface Progress {
  readonly proposals: Map<number, HeaderProposal>;
  readonly taken: Set<string | null>;
}

function proposeNamed(
  process: ProcessDefinition,
  headers: readonly string[],
  { confidence, proposals, taken }: Progress & { readonly confidence: 'exact' | 'alias' },
): void {
  const byName = columnsByName(process);
  for (const [index, header] of headers.entries()) {
    const name = normalizeHeader(header);
    const column = byName.get(name);
    if (column === undefined || taken.has(column) || proposals.has(index)) continue;
    if (confidence === 'exact' && normalizeHeader(column) !== name) continue;
    taken.add(column);
    proposals.set(index, { header, column, confidence, score: 1 });
  }
}

function proposeSimilar(process: ProcessDefinition, headers: readonly string[], progress: Progress): void {
  const { proposals, taken } = progress;
  const guesses = headers.map((header, index) =>
    proposals.has(index) ? [] : guessesFor(process, header, index, taken),
  );
  for (const several of guesses) noteUndecided(headers, several, proposals);
  const byScore = guesses.flat().sort((a, b) => b.score - a.score || a.index - b.index);
  for (const { index, column, score } of byScore) {
    if (proposals.has(index) || taken.has(column)) continue;
    taken.add(column);
    proposals.set(index, { header: headers[index] as string, column, confidence: 'similar', score });
  }
}

/** The free columns that the header may mean, the likeliest first. */
function guessesFor(
  { columns }: ProcessDefinition,
  header: string,
  index: number,
  taken: ReadonlySet<string | null>,
): Guess[] {
  const words = wordsOf(header);
  return Object.entries(columns)
    .filter(([column]) => !taken.has(column))
    .map(([column, { aliases = [] }]) => ({
      index,
      column,
      score: Math.max(...[column, ...aliases].map((name) => similarity(words, wordsOf(name)))),
    }))
    .filter(({ score }) => score >= leastScore)
    .sort((a, b) => b.score - a.score);
}

function noteUndecided(
  headers: readonly string[],
  [best, second, ...others]: readonly Guess[],
  proposals: Map<number, HeaderProposal>,
): void {
  if (!best || !second || best.score - second.score >= clearLead) return;
  const alternatives = [best, second, ...others]
    .slice(0, mostAlternatives)
    .map(({ column, score }) => ({ column, score }));
  const header = headers[best.index] as string;
  proposals.set(best.index, { header, column: null, confidence: 'none', score: 0, alternatives });
}
