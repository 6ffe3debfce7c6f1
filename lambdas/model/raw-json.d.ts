/** Of Node.js, but not yet in TypeScript's library: a value that `JSON.stringify` writes as the text it was made from. */
interface JSON {
  rawJSON(text: string): unknown;
}
