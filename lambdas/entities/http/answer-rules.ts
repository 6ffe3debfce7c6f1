import type { AnswerMatch, AnswerRules } from '../../model/service-configuration.ts';
import { textOf, valuesAt } from './paths.ts';

/** A service's answer, or one record of a bulk answer with the status that it has for itself. */
export interface Answer {
  readonly status: number;
  /** Parsed JSON; undefined when the body is none. */
  readonly body: unknown;
}

export type Verdict = 'done' | 'exists' | 'absent' | 'notYet' | 'transient' | 'refused';

const named = ['exists', 'absent', 'notYet', 'transient', 'refused'] as const;

/** What the answer means: by the first rule that matches, else by its status. */
export function judge(answer: Answer, rules: AnswerRules): Verdict {
  const byRule = named.find((verdict) => rules[verdict].some((match) => matches(answer, match)));
  if (byRule !== undefined) return byRule;
  if (rules.transientStatuses.includes(answer.status)) return 'transient';
  return isSuccess(answer.status) ? 'done' : 'refused';
}

export const isSuccess = (status: number) => status >= 200 && status < 300;

function matches(answer: Answer, match: AnswerMatch): boolean {
  if (match.status !== undefined && !match.status.includes(answer.status)) return false;
  return match.path === undefined || valuesAt(answer.body, match.path).some((value) => valueMatches(value, match));
}

function valueMatches(value: unknown, { oneOf, contains }: AnswerMatch): boolean {
  if (oneOf !== undefined && !oneOf.some((expected) => expected === value)) return false;
  return contains === undefined || (textOf(value)?.includes(contains) ?? false);
}
