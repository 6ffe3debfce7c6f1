import { eachSign } from './json-signs.ts';

/** How deep arrays and objects of a JSON text stand in each other. */
export function jsonDepth(text: string): number {
  let deepest = 0;
  eachSign(text, (_sign, _index, depth) => {
    if (depth > deepest) deepest = depth;
  });
  return deepest;
}
