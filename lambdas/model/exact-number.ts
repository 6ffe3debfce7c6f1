/** Numbers in JSON that must not become numbers of JavaScript, because these would be others. */

/** Only a text with such a run of digits, or such an exponent, may have one: fifteen digits always survive. */
const suspicious = /\d[\d.]{15}|\d[eE][+-]?\d{3}/;
/** A number without an exponent that has sixteen digits on end. */
const manyDigits = /^-?(?=[\d.]*\d{16})[\d.]+$/;

/** Whether any number in a JSON text may be one to keep as it is written. Cheap, and never wrong when it says no. */
export function mayHaveExactNumbers(text: string): boolean {
  return suspicious.test(text);
}

/** For `JSON.parse`: in the place of each number that is to be kept as it is written, what `kept` makes of its text. */
export function keepingExact(kept: (written: string) => unknown) {
  return (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const written = context?.source;
    return typeof value === 'number' && written !== undefined && isKeptAsWritten(written) ? kept(written) : value;
  };
}

/**
 * Whether a number, as JSON has it, is to be kept as it is written: one that has another value when it is read and
 * written again, and one of many digits, of which an exponent might be made.
 */
function isKeptAsWritten(number: string): boolean {
  return (
    manyDigits.test(number) || (suspicious.test(number) && decimalOf(number) !== decimalOf(String(Number(number))))
  );
}

/** The number in the one way in which each value is written once; undefined when it is infinite. */
function decimalOf(number: string): string | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number);
  if (!parts) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const significant = withoutZerosAtEnd(digits);
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** A loop, for a regular expression would look at each zero as a beginning of the end. */
function withoutZerosAtEnd(digits: string): string {
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 0x30) end -= 1;
  return digits.slice(0, end);
}
