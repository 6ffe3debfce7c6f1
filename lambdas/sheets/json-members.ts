import { colon, comma, eachSign, openBrace } from '../model/json-signs.ts';

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
  const members: JsonMember[] = [];
  let start = 0;
  let afterKey = -1;
  eachSign(object, (sign, index, depth) => {
    if (depth === 1 && sign === openBrace) start = index + 1;
    else if (depth === 1 && sign === colon) afterKey = index;
    else if (depth === 0 || (depth === 1 && sign === comma)) {
      // An object without members ends without a key.
      if (afterKey >= start) members.push(member(object, start, afterKey, index));
      start = index + 1;
    }
  });
  return members;
}

function member(object: string, start: number, afterKey: number, end: number): JsonMember {
  return {
    key: JSON.parse(object.slice(start, afterKey)) as string,
    text: object.slice(start, end).trim(),
    value: object.slice(afterKey + 1, end).trim(),
  };
}
