import { didYouMean } from '../model/edits.ts';
import { nearestHeaders } from '../processes/header-similarity.ts';
import { NearestIdentifiers } from './nearest-identifiers.ts';

const mostSuggestions = 3;

/** The end of a sentence that suggests what somebody meant who wrote a name that there is not; empty when nothing is near. */
export function suggestNames(wanted: string, names: readonly string[]): string {
  const slips = new NearestIdentifiers(names).to(wanted);
  const near = [...new Set([...slips, ...nearestHeaders(wanted, names)])].slice(0, mostSuggestions);
  const question = didYouMean(near.map((name) => `"${name}"`)).trim();
  return question === '' ? '' : ` (${question.charAt(0).toLowerCase()}${question.slice(1)})`;
}
