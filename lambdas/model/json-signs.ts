export const openBrace = 0x7b;
export const comma = 0x2c;
export const colon = 0x3a;
const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const closeBrace = 0x7d;

/**
 * Hands out each bracket, brace, comma and colon of a JSON text that stands outside strings, with the depth behind it: how
 * many arrays and objects are open. By scanning, because parsers and validators go as deep as the text does, and may run
 * out of stack.
 */
export function eachSign(text: string, visit: (sign: number, index: number, depth: number) => void): void {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (quoted) {
      if (character === backslash) index++;
      else if (character === quote) quoted = false;
    } else if (character === quote) quoted = true;
    else if (character === openBracket || character === openBrace) visit(character, index, ++depth);
    else if (character === closeBracket || character === closeBrace) visit(character, index, --depth);
    else if (character === comma || character === colon) visit(character, index, depth);
  }
}
