/**
 * Collects the text of a string that may be made of runs: the `t` elements together, but for those of phonetic hints
 * (`rPh`), which a reader sees above the text.
 */
export class RichText {
  #text = '';
  #inText = false;
  #inPhonetic = false;

  start(): void {
    this.#text = '';
  }

  open(name: string): void {
    if (name === 'rPh') this.#inPhonetic = true;
    else if (name === 't') this.#inText = !this.#inPhonetic;
  }

  close(name: string): void {
    if (name === 'rPh') this.#inPhonetic = false;
    else if (name === 't') this.#inText = false;
  }

  add(piece: string): void {
    if (this.#inText) this.#text += piece;
  }

  end(): string {
    return unescapeCharacters(this.#text);
  }
}

/** Characters that XML can't hold or would change stand as `_xHHHH_`: `_x000D_` is a carriage return. */
export function unescapeCharacters(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([\dA-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
