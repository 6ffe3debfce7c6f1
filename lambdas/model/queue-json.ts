/**
 * A value as JSON that a queue takes. SQS refuses a message with a character that XML does not have, and some that stand
 * in for it one that takes two UTF-16 units, such as an emoji; escaped, all of them are plain text.
 */
export function queueJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\ud800-\udfff\ufffe\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}
