import { shortened } from '../../model/cut-text.ts';
import type { Answer } from './answer-rules.ts';
import { firstText } from './paths.ts';
import type { Redactor } from './redactor.ts';

const longestMessage = 300;

/** The service's own reason, on one line, bounded and without secrets; its status where it gives no reason. */
export function serviceMessage(answer: Answer, paths: readonly string[], redactor: Redactor): string {
  const said = typeof answer.body === 'string' ? answer.body : firstText(answer.body, paths);
  const reason = said === undefined ? '' : tidy(redactor.clean(said));
  return reason === '' ? `status ${answer.status}` : `status ${answer.status}: ${reason}`;
}

function tidy(text: string): string {
  const line = text
    .slice(0, 100 * longestMessage)
    .replace(/<[^<>]*>/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return shortened(line, longestMessage);
}
