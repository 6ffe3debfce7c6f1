import { editsBetween } from '../model/edits.ts';

/** How people shorten the words that headers are made of. */
const shortened: Readonly<Record<string, string>> = {
  addr: 'address',
  cap: 'capacity',
  desc: 'description',
  lat: 'latitude',
  long: 'longitude',
  lng: 'longitude',
  lon: 'longitude',
  no: 'number',
  nr: 'number',
  num: 'number',
  org: 'company',
  organisation: 'company',
  organization: 'company',
  qty: 'quantity',
  surname: 'lastname',
  tel: 'phone',
  telephone: 'phone',
};

/** A header that goes on has said by then what it means. */
const charactersRead = 200;
/** Shorter names are found inside others by chance. */
const leastContained = 4;
/** Shorter names are an edit away from too many others. */
const leastEdited = 5;
/** Half of two words in common is not enough: `Facility Code` is no `facilityName`. */
const leastShared = 0.75;

/** A header in small words without accents: `E-Mail Address (Mandatory)` and `eMailAddress` are `e mail address`. */
export function wordsOf(header: string): readonly string[] {
  return header
    .slice(0, charactersRead)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/\(mandatory\)\s*$/i, '')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => shortened[word] ?? word);
}

/**
 * How likely a header means what a name says, from 0 to 0.99, to two decimals: by one standing in the other, by words in
 * common, or by slips of the pen. The same two give the same score, whichever comes first.
 */
export function similarity(header: readonly string[], name: readonly string[]): number {
  const score = Math.max(contained(header, name), shared(header, name), edited(header.join(''), name.join('')));
  return Math.round(Math.min(score, 0.99) * 100) / 100;
}

/** `email` stands in `e mail address`: some of its words, one after the other, make it up. */
function contained(a: readonly string[], b: readonly string[]): number {
  const [short, long] = a.join('').length <= b.join('').length ? [a, b] : [b, a];
  const [wanted, whole] = [short.join(''), long.join('')];
  if (wanted.length < leastContained) return 0;
  const ends = endsOf(long);
  for (let at = whole.indexOf(wanted); at !== -1; at = whole.indexOf(wanted, at + 1)) {
    if (ends.has(at) && ends.has(at + wanted.length)) return 0.6 + (0.39 * wanted.length) / whole.length;
  }
  return 0;
}

/** Where words end, or begin, in all of them put together. */
function endsOf(words: readonly string[]): ReadonlySet<number> {
  const ends = new Set([0]);
  let end = 0;
  for (const word of words) {
    end += word.length;
    ends.add(end);
  }
  return ends;
}

/** `Name of the facility` and `facilityName`: the share of characters that stand in words of both. */
function shared(a: readonly string[], b: readonly string[]): number {
  const inCommon = [...new Set(a)].filter((word) => b.includes(word)).join('').length;
  const share = (2 * inCommon) / (a.join('').length + b.join('').length);
  return share >= leastShared ? 0.95 * share : 0;
}

function edited(a: string, b: string): number {
  if (Math.min(a.length, b.length) < leastEdited) return 0;
  const longest = Math.max(a.length, b.length);
  const limit = Math.floor(longest / 5);
  const edits = editsBetween(a, b, limit);
  return edits > limit ? 0 : 1 - edits / longest;
}

const leastNear = 0.6;
const mostNear = 3;

/** Headers like the one that somebody wrote, the likeliest first; none when nothing is near. */
export function nearestHeaders(wanted: string, headers: readonly string[]): readonly string[] {
  const words = wordsOf(wanted);
  return headers
    .map((header) => ({ header, score: similarity(words, wordsOf(header)) }))
    .filter(({ score }) => score >= leastNear)
    .sort((a, b) => b.score - a.score)
    .slice(0, mostNear)
    .map(({ header }) => header);
}
