/** How a number in a cell is to be understood and shown. */
export type NumberFormat =
  | { kind: 'plain' }
  | { kind: 'date' | 'time' | 'dateTime' }
  /** A code with leading zeros: `0` for a digit, anything else as it stands. */
  | { kind: 'mask'; mask: MaskToken[] };

export type MaskToken = { digit: true } | { literal: string };

interface FormatToken {
  /** A character of the format's own language, or of a literal. */
  character: string;
  literal: boolean;
}

const plain: NumberFormat = { kind: 'plain' };

/** Formats that have a number but no code of their own in the file, as of ECMA-376 part 1, 18.8.30. */
export function builtInFormat(id: number): NumberFormat {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 54)) return { kind: 'date' };
  if (id === 57 || id === 58) return { kind: 'date' };
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47)) return { kind: 'time' };
  if (id === 55 || id === 56) return { kind: 'time' };
  return id === 22 ? { kind: 'dateTime' } : plain;
}

/** Understands a format code such as `dd/mm/yyyy`, `[$-409]h:mm AM/PM` or `0000000000`. */
export function parseNumberFormat(code: string): NumberFormat {
  const { tokens, elapsed } = firstSection(code);
  const language = tokens.map(({ character, literal }) => (literal ? ' ' : character)).join('');
  if (/general/i.test(language) || language.trim() === '@') return plain;
  const mask = asMask(tokens);
  if (mask !== undefined) return { kind: 'mask', mask };
  // AM/PM and scientific notation have letters that mean something else in dates.
  const letters = language.replace(/am\/pm|a\/p/gi, 'h').replace(/e[+-]/gi, '');
  const hasTime = elapsed || /[hs]/i.test(letters);
  // Beside hours or seconds, m is for minutes.
  const hasDate = /[yd]/i.test(letters) || (/m/i.test(letters) && !hasTime);
  if (hasDate && hasTime) return { kind: 'dateTime' };
  if (hasTime) return { kind: 'time' };
  return hasDate ? { kind: 'date' } : plain;
}

/** An integer as a mask shows it: digits from the right, zeros where there are none, surplus digits in front. */
export function applyMask(digits: string, mask: readonly MaskToken[]): string {
  let next = digits.length;
  let places = mask.filter((token) => 'digit' in token).length;
  let shown = '';
  for (const token of mask.toReversed()) {
    if ('literal' in token) {
      shown = token.literal + shown;
      continue;
    }
    places -= 1;
    const start = places === 0 ? 0 : Math.max(0, next - 1);
    shown = (digits.slice(start, next) || '0') + shown;
    next = start;
  }
  return shown;
}

/** What makes an amount, a date or a time of a number. */
const noCode = /[#?.,%@$€]|[bdeghmsy]|a\/p/i;

/** Zeros only, at least two of them, and text around or between: what a code looks like, and no amount does. */
function asMask(tokens: readonly FormatToken[]): MaskToken[] | undefined {
  const own = tokens.filter(({ literal }) => !literal).map(({ character }) => character);
  if (noCode.test(own.join(''))) return undefined;
  if (own.filter((character) => character === '0').length < 2) return undefined;
  return tokens.map(({ character, literal }) =>
    character === '0' && !literal ? { digit: true } : { literal: character },
  );
}

/** The section for positive numbers, cut into tokens. `elapsed`: it counts hours, minutes or seconds beyond their wrap, as `[h]`. */
function firstSection(code: string): { tokens: FormatToken[]; elapsed: boolean } {
  const tokens: FormatToken[] = [];
  let elapsed = false;
  for (let index = 0; index < code.length && code[index] !== ';'; index += 1) {
    const character = code[index] as string;
    if (character === '"') {
      const end = endOf(code, '"', index + 1);
      tokens.push({ character: code.slice(index + 1, end), literal: true });
      index = end;
    } else if (character === '[') {
      const end = endOf(code, ']', index + 1);
      const condition = code.slice(index + 1, end);
      elapsed ||= /^(?:h+|m+|s+)$/i.test(condition);
      tokens.push(...shownIn(condition));
      index = end;
    } else if (character === '\\') {
      index += 1;
      tokens.push({ character: code[index] ?? '', literal: true });
    } else if (character === '_' || character === '*') {
      // A gap as wide as the next character, or that character repeated to the width of the column: nothing one could type.
      index += 1;
    } else {
      tokens.push({ character, literal: false });
    }
  }
  return { tokens, elapsed };
}

/** Of what stands in brackets only text is shown: that of `$MZ`, or of `$MZ-416` with a language. */
function shownIn(brackets: string): FormatToken[] {
  const text = /^\$([^-]+)/.exec(brackets)?.[1];
  return text === undefined ? [] : [{ character: text, literal: true }];
}

function endOf(code: string, closing: string, start: number): number {
  const end = code.indexOf(closing, start);
  return end === -1 ? code.length : end;
}
