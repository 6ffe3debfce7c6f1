/**
 * How deep arrays and objects of a JSON text stand in each other. Found by scanning, because parsers and validators may
 * go as deep as the text does, and run out of stack.
 */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (quoted) {
      if (character === backslash) i++;
      else if (character === quote) quoted = false;
    } else if (character === quote) quoted = true;
    else if (character === openBracket || character === openBrace) deepest = Math.max(deepest, ++depth);
    else if (character === closeBracket || character === closeBrace) depth--;
  }
  return deepest;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
