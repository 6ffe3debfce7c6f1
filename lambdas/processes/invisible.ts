/** Characters that are there without being seen. They come along when text is copied from web pages and documents. */

/** The soft hyphen, the zero-width space, non-joiner and joiner, the word joiner and the byte order mark. */
const invisible = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;
const nothingVisible = /^[\s\u00ad\u200b-\u200d\u2060\ufeff]*$/;

/** The text without the characters that nobody sees; white space stays. */
export function withoutInvisible(text: string): string {
  return text.replace(invisible, '');
}

/** Whether the text is nothing but white space and characters that nobody sees. */
export function looksEmpty(text: string): boolean {
  return nothingVisible.test(text);
}
