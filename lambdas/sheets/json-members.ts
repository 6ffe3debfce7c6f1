/** A member of a JSON object. */
export interface JsonMember {
  readonly key: string;
  /** Key, colon and value as they are written. */
  readonly text: string;
  /** The value as it is written. */
  readonly value: string;
}

/**
 * The members of a JSON object in their order, a key that comes twice twice. Follows strings and brackets only, so that
 * values may be nested to any depth and keep every digit. The text has to be sound.
 */
export function jsonMembers(object: string): JsonMember[] {
  const inner = object.trim().slice(1, -1);
  const members: JsonMember[] = [];
  let depth = 0;
  let inString = false;
  let start = 0;
  let colon = -1;
  for (let index = 0; index < inner.length; index += 1) {
    const code = inner.charCodeAt(index);
    if (inString) {
      if (code === backslash) index += 1;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === openBracket || code === openBrace) depth += 1;
    else if (code === closeBracket || code === closeBrace) depth -= 1;
    else if (depth === 0 && code === colonSign) colon = index;
    else if (depth === 0 && code === comma) {
      members.push(member(inner, start, colon, index));
      start = index + 1;
    }
  }
  return inner.trim() === '' ? [] : [...members, member(inner, start, colon, inner.length)];
}

function member(inner: string, start: number, colon: number, end: number): JsonMember {
  return {
    key: JSON.parse(inner.slice(start, colon)) as string,
    text: inner.slice(start, end).trim(),
    value: inner.slice(colon + 1, end).trim(),
  };
}

const quote = 0x22;
const comma = 0x2c;
const colonSign = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
