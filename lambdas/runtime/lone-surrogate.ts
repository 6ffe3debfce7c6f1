/** An escape of JSON: of a pair of surrogates, of one that stands alone (the group), or of anything else. */
const escapes = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)/gs;

/**
 * The first half of a surrogate pair that stands alone in a JSON text, such as `\ud800`; undefined when there is none. It
 * is no character: stores refuse it, and it can't be sent back. Only an escape can bring one, as UTF-8 has none.
 */
export function loneSurrogate(text: string): string | undefined {
  for (const [found, alone] of text.matchAll(escapes)) if (alone !== undefined) return found;
  return undefined;
}
